"""The proof that the product does what its pages say."""
