"""The embedded default venue: a real small language model behind llama.cpp's server on loopback."""
