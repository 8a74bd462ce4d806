"""The stand-in for the application."""
