"""The machinery under the rules: compilation, addressed draws, state, the week, many runs."""
