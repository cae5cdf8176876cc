"""The app: page settings and navigation. Everything else is in `companion/ui`."""

import streamlit as st

from companion.ui import frame, pages

# A file of ours: Streamlit would fetch a named icon from a font server.
st.set_page_config(page_title="Companion", page_icon=str(pages.ICON), layout="centered")
frame.draw()
frame.run(st.navigation(pages.every()))
