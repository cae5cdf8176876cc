"""The app: one file a page, and what the pages share. Only `session` touches Streamlit's state."""
