// Colours of the map, by theme. They are the page's own, where a thing has one there.

import type { Theme } from '../theme.svelte';

export interface Paint {
  ground: string;
  low: string;
  high: string;
  shade: string;
  light: string;
  water: string;
  border: string;
  label: string;
  halo: string;
  line: string;
  party: [string, string];
  nobody: string;
  danger: string;
  caution: string;
  good: string;
  accent: string;
  drone: string;
}

export const PAINT: Record<Theme, Paint> = {
  night: {
    ground: '#131c22',
    low: '#16211f',
    high: '#343c40',
    shade: '#05090c',
    light: '#4d5c63',
    water: '#0d2b3d',
    border: '#7b8b97',
    label: '#c3d0d8',
    halo: '#0b1116',
    line: '#f4ead0',
    party: ['#56bccb', '#bfa2f0'],
    nobody: '#8798a4',
    danger: '#ff7a5f',
    caution: '#f0bb54',
    good: '#7fcfa2',
    accent: '#ffe08a',
    drone: '#ffffff',
  },
  day: {
    ground: '#e4e8e4',
    low: '#dfe8dc',
    high: '#f3efe6',
    shade: '#6b7a80',
    light: '#ffffff',
    water: '#a9c9dc',
    border: '#6a7780',
    label: '#22303a',
    halo: '#f7f9fa',
    line: '#2b2410',
    party: ['#0b7282', '#6a42b8'],
    nobody: '#5b6b77',
    danger: '#c02a10',
    caution: '#9a6500',
    good: '#17633a',
    accent: '#7a5600',
    drone: '#101a22',
  },
};
