"""The app's shell and the house's own addresses: `/`, its files, health, metrics, the API's description."""
