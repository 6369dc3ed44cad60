// What the map tells, and how it is steered.

import type { LatLon } from '../coordinates';

/** Something that was pointed at. */
export interface Picked {
  layer: string;
  properties: Record<string, unknown>;
  /** Where it is, or for what has no one place where it was pointed at. */
  place: LatLon;
}

export interface Steer {
  to: (place: LatLon, zoom?: number) => void;
  /** Two steps closer to a place; `false` when it is as close as can be. */
  closer: (place: LatLon) => boolean;
  /** West, south, east, north. */
  fit: (box: [number, number, number, number]) => void;
  zoom: (by: number) => void;
  centre: () => LatLon;
}
