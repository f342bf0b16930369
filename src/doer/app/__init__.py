"""The application: chooses and joins the parts, and reads the workspace they are configured in."""
