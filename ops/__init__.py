"""Commands of operators: hold refunds back and let them go, match refunds against the payment system's statement."""
