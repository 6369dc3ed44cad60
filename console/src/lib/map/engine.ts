// MapLibre with its worker and the offline terrain. Loaded after the page stands.

import { addProtocol, Map as MapLibre, ScaleControl, setWorkerUrl, type MapOptions } from 'maplibre-gl';
import worker from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import 'maplibre-gl/dist/maplibre-gl.css';
import { Protocol } from 'pmtiles';

setWorkerUrl(worker);
addProtocol('pmtiles', new Protocol().tile);

/** Fonts of labels, asked for before the map draws them. */
const FACES = ['400 12px Plex', '400 12px "Plex Mono"'];

export async function make(options: MapOptions): Promise<MapLibre> {
  await Promise.all(FACES.map((face) => document.fonts.load(face, 'AaəЖԱع').catch(() => [])));
  const map = new MapLibre({ attributionControl: false, dragRotate: false, pitchWithRotate: false, maxPitch: 0, fadeDuration: 0, ...options });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new ScaleControl({ maxWidth: 110 }), 'bottom-left');
  return map;
}
