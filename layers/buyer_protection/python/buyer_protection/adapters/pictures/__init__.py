"""Copies of pictures without metadata (R49); Pillow and pi-heif are in the layer of the verifying function only."""
