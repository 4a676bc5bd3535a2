"""What a study found, told: folders, tables and prose."""
