// Signs of the map, drawn once for each theme: shapes differ, so that colour is not needed to tell them apart.

import type { Map as MapLibre } from 'maplibre-gl';
import type { Paint } from './paint';

const SIZE = 48;
const RATIO = 2;

type Draw = (c: CanvasRenderingContext2D) => void;

function picture(size: number, draw: Draw): ImageData | null {
  const canvas = document.createElement('canvas');
  canvas.width = size;
  canvas.height = size;
  const context = canvas.getContext('2d');
  if (!context) return null;
  draw(context);
  return context.getImageData(0, 0, size, size);
}

function shape(c: CanvasRenderingContext2D, points: [number, number][], fill: string, stroke: string, width = 3): void {
  c.beginPath();
  points.forEach(([x, y], i) => (i === 0 ? c.moveTo(x, y) : c.lineTo(x, y)));
  c.closePath();
  c.fillStyle = fill;
  c.strokeStyle = stroke;
  c.lineWidth = width;
  c.lineJoin = 'round';
  c.stroke();
  c.fill();
}

/** Adds all signs; those of another theme are replaced. */
export function addSigns(map: MapLibre, paint: Paint): void {
  const sign = (name: string, draw: Draw, size = SIZE): void => {
    const image = picture(size, draw);
    if (!image) return;
    if (map.hasImage(name)) map.removeImage(name);
    map.addImage(name, image, { pixelRatio: RATIO });
  };
  // A platform in the air, nose up.
  sign('drone', (c) => shape(c, [[24, 5], [39, 40], [24, 32], [9, 40]], paint.drone, paint.halo, 5));
  sign('mover', (c) => {
    c.strokeStyle = paint.caution;
    c.lineWidth = 4;
    c.strokeRect(15, 15, 18, 18);
  });
  sign('post', (c) => {
    shape(c, [[12, 36], [12, 18], [24, 8], [36, 18], [36, 36]], paint.halo, paint.label, 4);
    shape(c, [[20, 36], [20, 26], [28, 26], [28, 36]], paint.label, paint.label, 1);
  });
  sign('sensor', (c) => {
    c.strokeStyle = paint.label;
    c.lineWidth = 3.5;
    c.fillStyle = paint.label;
    c.beginPath();
    c.arc(24, 30, 4, 0, 7);
    c.fill();
    for (const radius of [11, 18]) {
      c.beginPath();
      c.arc(24, 30, radius, Math.PI * 1.22, Math.PI * 1.78);
      c.stroke();
    }
  });
  sign('site', (c) => shape(c, [[24, 12], [36, 34], [12, 34]], paint.halo, paint.nobody, 3));
  const diamond: [number, number][] = [[24, 8], [40, 24], [24, 40], [8, 24]];
  sign('event-1', (c) => shape(c, diamond, paint.party[0], paint.halo, 5));
  sign('event-2', (c) => shape(c, diamond, paint.party[1], paint.halo, 5));
  sign('event-undetermined', (c) => {
    shape(c, diamond, paint.halo, paint.halo, 6);
    shape(c, [[24, 11], [37, 24], [24, 37], [11, 24]], paint.halo, paint.caution, 4.5);
  });
  sign('event-none', (c) => {
    c.beginPath();
    c.arc(24, 24, 8, 0, 7);
    c.strokeStyle = paint.nobody;
    c.fillStyle = paint.halo;
    c.lineWidth = 4;
    c.fill();
    c.stroke();
  });
  sign('impact', (c) => {
    c.strokeStyle = paint.danger;
    c.lineWidth = 4;
    c.beginPath();
    for (const [x, y] of [[14, 14], [34, 14]] as const) {
      c.moveTo(x, y);
      c.lineTo(48 - x, 48 - y);
    }
    c.stroke();
  });
  // Not watched: bars across the line.
  sign(
    'unwatched',
    (c) => {
      c.strokeStyle = paint.danger;
      c.lineWidth = 5;
      for (let x = -32; x <= 64; x += 16) {
        c.beginPath();
        c.moveTo(x, 32);
        c.lineTo(x + 32, 0);
        c.stroke();
      }
    },
    32,
  );
}
