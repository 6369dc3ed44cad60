#!/usr/bin/python3
"""Makes ../public/basemap from open data: a terrain in PMTiles, and what is drawn over it as GeoJSON.

usage: PYTHONPATH=<folder with the package pmtiles> make.py SOURCE_FOLDER
  SOURCE_FOLDER  dem-*.tif, places.geojson and lines.geojson as told in SOURCE.md

Needs Debian's python3-gdal and python3-numpy, and the package `pmtiles` of PyPI. The results are committed; this is run again
only when the sources change.
"""
import json
import math
import pathlib
import sys

import numpy
from osgeo import gdal
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

gdal.UseExceptions()
SOURCE = pathlib.Path(sys.argv[1])
OUT = pathlib.Path(__file__).parent.parent / "public" / "basemap"
SIZE = 512
# 512 pixels a tile at zoom 8 are 234 m at 40° north; the data's true resolution is about 400 m.
ZOOMS = range(5, 9)
HALF = math.pi * 6378137.0
# Heights are kept to half a metre: finer steps say nothing, and cost bytes.
STEP_M = 0.5


def tiles(bounds, zoom):
    west, south, east, north = bounds
    n = 2**zoom
    x = lambda lon: int((lon + 180.0) / 360.0 * n)
    y = lambda lat: int((1.0 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2.0 * n)
    return [(i, j) for i in range(x(west), x(east) + 1) for j in range(y(north), y(south) + 1)]


def png(heights):
    """Terrarium: R·256 + G + B/256 − 32768 metres."""
    v = numpy.round(heights / STEP_M) * STEP_M + 32768.0
    red, green = numpy.floor(v / 256.0), numpy.floor(v % 256.0)
    blue = numpy.floor((v - numpy.floor(v)) * 256.0)
    rgb = numpy.stack([red, green, blue]).astype(numpy.uint8)
    memory = gdal.GetDriverByName("MEM").Create("", SIZE, SIZE, 3, gdal.GDT_Byte)
    memory.WriteArray(rgb)
    gdal.GetDriverByName("PNG").CreateCopy("/vsimem/tile.png", memory, options=["ZLEVEL=9"])
    file = gdal.VSIFOpenL("/vsimem/tile.png", "rb")
    size = gdal.VSIStatL("/vsimem/tile.png").size
    data = gdal.VSIFReadL(1, size, file)
    gdal.VSIFCloseL(file)
    return bytes(data)


def terrain(sources):
    """Tiles of all sources; where none has data the ground is told to be level with the sea."""
    mosaic = gdal.BuildVRT("/vsimem/all.vrt", [str(s) for s in sources])
    found = {}
    for source in sources:
        dem = gdal.Open(str(source))
        west, dx, _, north, _, dy = dem.GetGeoTransform()
        bounds = (west, north + dy * dem.RasterYSize, west + dx * dem.RasterXSize, north)
        for zoom in ZOOMS:
            for x, y in tiles(bounds, zoom):
                span = 2 * HALF / 2**zoom
                box = (-HALF + x * span, HALF - (y + 1) * span, -HALF + (x + 1) * span, HALF - y * span)
                warped = gdal.Warp("", mosaic, format="MEM", outputBounds=box, width=SIZE, height=SIZE,
                                   dstSRS="EPSG:3857", resampleAlg="bilinear", dstNodata=-9999, outputType=gdal.GDT_Float32)
                heights = warped.ReadAsArray()
                heights[heights < -1000] = 0.0
                found[zxy_to_tileid(zoom, x, y)] = png(heights)
    with open(OUT / "terrain.pmtiles", "wb") as file:
        writer = Writer(file)
        for tile, data in sorted(found.items()):
            writer.write_tile(tile, data)
        writer.finalize(
            {"tile_type": TileType.PNG, "tile_compression": Compression.NONE, "min_zoom": ZOOMS[0], "max_zoom": ZOOMS[-1],
             "min_lon_e7": 355000000, "min_lat_e7": 349000000, "max_lon_e7": 482000000, "max_lat_e7": 412000000,
             "center_zoom": 7, "center_lon_e7": 468000000, "center_lat_e7": 399000000},
            {"attribution": "Elevation data: viewfinderpanoramas.org (Jonathan de Ferranti)", "encoding": "terrarium"})


def places():
    data = json.loads((SOURCE / "places.geojson").read_text())
    kept = ("name", "rank", "country", "population", "names_latn", "names_cyrl", "names_armn", "names_arab")
    for feature in data["features"]:
        feature["properties"] = {k: v for k, v in feature["properties"].items() if k in kept}
    data["features"].sort(key=lambda f: f["properties"]["rank"])
    write("places.geojson", data)


def lines():
    data = json.loads((SOURCE / "lines.geojson").read_text())
    # The lines of 1991 and 1994 are nobody's line of contact: the theatre's documents draw that.
    data["features"] = [f for f in data["features"] if f["properties"]["kind"] not in ("ceasefire-line-1994", "nkao-1991")]
    for feature in data["features"]:
        feature["properties"] = {k: v for k, v in feature["properties"].items() if k in ("kind", "name") and v}
    write("lines.geojson", data)


def write(name, data):
    (OUT / name).write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")))


OUT.mkdir(parents=True, exist_ok=True)
terrain(sorted(SOURCE.glob("dem-*.tif")))
places()
lines()
