"""Intent: words become typed values, each with the words it came from; doubt stays visible as several readings."""
