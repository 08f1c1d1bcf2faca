"""What the commands do; they return what happened, and neither print nor exit."""
