"""The status page for the public: drawn when something changes, kept as bytes, and answered from there."""
