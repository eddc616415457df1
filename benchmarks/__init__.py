"""What things cost, measured where the answer decides something; not part of the product."""
