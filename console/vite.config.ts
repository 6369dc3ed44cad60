import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Wherever the server puts it: each theatre of a centre has its console below an address of its own.
  base: './',
  plugins: [svelte()],
  build: {
    target: 'es2022',
    // The policy of the server forbids inline code and data: scripts.
    assetsInlineLimit: 0,
    // The map alone is larger; it is loaded after the page stands.
    chunkSizeWarningLimit: 1200,
  },
  server: {
    proxy: Object.fromEntries(
      ['/api', '/log', '/vkeys', '/healthz'].map((path) => [
        path,
        { target: process.env['TRUCELINE_URL'] ?? 'http://127.0.0.1:7400', ws: true },
      ]),
    ),
  },
  // A busy machine is no reason to fail.
  test: { include: ['tests/unit/**/*.test.ts'], testTimeout: 60_000 },
});
