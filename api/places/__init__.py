"""Where things are in China: read an address as a person would, measure and convert positions.

Pure: the table of divisions ships with the package and is read once, on first use; there is no
network and no geocoder. It refuses to guess: a text that names no place gives None, no default.
"""

from api.places.coordinates import Datum, convert, distance_m
from api.places.model import Level, Place
from api.places.nearest import Sited, nearest
from api.places.reading import place_of, read_address

__all__ = ["Datum", "Level", "Place", "Sited", "convert", "distance_m", "nearest", "place_of", "read_address"]
