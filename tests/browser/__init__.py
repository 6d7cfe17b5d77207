"""The pages in a browser, on a stack of their own: what people see and press, played as they would."""
