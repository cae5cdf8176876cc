"""The least chat page there is, which the app is compared with; Streamlit runs it."""

import streamlit as st

written = st.chat_input("Say something")
if written:
    st.chat_message("user").write(written)
    st.chat_message("assistant").write(f"You said: {written}")
