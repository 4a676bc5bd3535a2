"""Files and errors: bounded reading, whole writing, and what a user sees when input is wrong."""
