// Fragmented MP4 over a WebSocket into a <video>, live or replayed: the messages are those of docs/video.md.

import { address } from './address';
import type { LatLon } from './coordinates';
import { rfc3339 } from './time';

export type VideoState = 'connecting' | 'live' | 'replay' | 'stalled' | 'lost' | 'ended' | 'unsupported' | 'none';

export interface VideoTold {
  state: VideoState;
  /** The source's time of the picture shown, milliseconds. */
  at_ms: number | null;
  damaged: boolean;
  /** Where the camera looks. */
  centre: LatLon | null;
}

interface Metadata {
  media_90k: number;
  observation: { observed?: string; st0601?: Record<string, unknown> };
}

/** Metadata that is kept for pictures not shown yet. */
const KEPT = 600;
/** A live picture older than this against the newest is skipped, seconds. */
const BEHIND_S = 1.2;
/** So much is kept behind what is shown, seconds. */
const KEEP_S = 20;
const AGAIN_MS = 1500;
/** Without a new picture for so long a stream counts as stalled. */
const STALLED_MS = 2500;

export interface Wanted {
  feed: string;
  /** `null`: live. */
  from_ms: number | null;
  running: boolean;
}

export class VideoStream {
  private socket: WebSocket | null = null;
  private media: MediaSource | null = null;
  private buffer: SourceBuffer | null = null;
  private codec = '';
  private queue: ArrayBuffer[] = [];
  private metadata: Metadata[] = [];
  private told: VideoTold = { state: 'connecting', at_ms: null, damaged: false, centre: null };
  private again: ReturnType<typeof setTimeout> | undefined;
  private timer: ReturnType<typeof setInterval>;
  private lastBytes = 0;
  private seekTo: number | null = null;
  private ended = false;
  private url = '';

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly wanted: Wanted,
    private readonly tell: (told: VideoTold) => void,
  ) {
    this.timer = setInterval(() => this.watch(), 250);
    this.open();
  }

  close(): void {
    this.ended = true;
    clearTimeout(this.again);
    clearInterval(this.timer);
    this.drop();
    this.video.removeAttribute('src');
    this.video.load();
  }

  private drop(): void {
    if (this.socket) {
      this.socket.onclose = null;
      this.socket.onmessage = null;
      this.socket.close();
    }
    this.socket = null;
    this.buffer = null;
    this.media = null;
    this.queue = [];
    this.metadata = [];
    if (this.url) URL.revokeObjectURL(this.url);
    this.url = '';
  }

  private says(change: Partial<VideoTold>): void {
    const next = { ...this.told, ...change };
    const same = (Object.keys(next) as (keyof VideoTold)[]).every((k) => next[k] === this.told[k]);
    this.told = next;
    if (!same) this.tell(next);
  }

  private open(): void {
    this.drop();
    if (typeof MediaSource === 'undefined') return this.says({ state: 'unsupported' });
    const media = new MediaSource();
    this.media = media;
    this.url = URL.createObjectURL(media);
    this.video.src = this.url;
    media.addEventListener('sourceopen', () => this.connect(media), { once: true });
  }

  private connect(media: MediaSource): void {
    if (this.ended || this.media !== media) return;
    const { feed, from_ms } = this.wanted;
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const path =
      from_ms === null ? 'live' : `replay?from=${encodeURIComponent(rfc3339(from_ms))}`;
    const socket = new WebSocket(`${scheme}://${location.host}${address(`/api/feeds/${encodeURIComponent(feed)}/${path}`)}`);
    socket.binaryType = 'arraybuffer';
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (typeof data === 'string') this.text(data);
      else {
        this.lastBytes = Date.now();
        this.queue.push(data);
        this.append();
      }
    };
    socket.onclose = () => this.gone();
    this.socket = socket;
    this.lastBytes = Date.now();
  }

  /** The socket has closed: a replay of what was not recorded is refused, a live one is tried again. */
  private gone(): void {
    if (this.ended) return;
    if (this.wanted.from_ms !== null) {
      this.says({ state: this.told.at_ms === null && this.buffer === null ? 'none' : 'ended' });
      return;
    }
    this.says({ state: 'lost' });
    this.again = setTimeout(() => this.open(), AGAIN_MS);
  }

  private text(data: string): void {
    const told = JSON.parse(data) as { type: string } & Record<string, unknown>;
    switch (told.type) {
      case 'init':
        this.init(String(told['codec']));
        break;
      case 'metadata':
        this.metadata.push(told as unknown as Metadata);
        if (this.metadata.length > KEPT) this.metadata.shift();
        break;
      case 'picture':
        this.says({ damaged: told['damaged'] === true });
        break;
      case 'replay':
        this.seekTo = Number(told['media_90k']) / 90_000;
        this.video.playbackRate = Number(told['speed'] ?? 1);
        break;
      case 'end':
        this.says({ state: 'ended' });
        break;
      default: // `state`, `behind`, `restarted`, `skipped`: a header follows where it matters.
        break;
    }
  }

  private init(codec: string): void {
    const type = `video/mp4; codecs="${codec}"`;
    if (!MediaSource.isTypeSupported(type)) {
      this.says({ state: 'unsupported' });
      return;
    }
    if (!this.buffer && this.media) {
      this.buffer = this.media.addSourceBuffer(type);
      this.buffer.addEventListener('updateend', () => this.append());
    } else if (codec !== this.codec && this.buffer && !this.buffer.updating) {
      this.buffer.changeType(type);
    }
    this.codec = codec;
  }

  private append(): void {
    const { buffer } = this;
    if (!buffer || buffer.updating || this.media?.readyState !== 'open') return;
    const behind = this.video.currentTime - KEEP_S;
    if (buffer.buffered.length > 0 && buffer.buffered.start(0) < behind - KEEP_S) {
      buffer.remove(0, behind);
      return;
    }
    const next = this.queue.shift();
    if (!next) return;
    try {
      buffer.appendBuffer(next);
    } catch {
      // Full or broken: begin anew at the newest picture.
      this.open();
    }
  }

  /** Holds the player at the newest picture, and tells what is shown. */
  private watch(): void {
    const { video, buffer } = this;
    if (!buffer || video.error) {
      if (video.error) this.open();
      else if (this.told.state === 'connecting' && Date.now() - this.lastBytes > STALLED_MS) this.says({ state: 'stalled' });
      return;
    }
    const ranges = buffer.buffered;
    if (ranges.length === 0) return;
    const last = ranges.length - 1;
    const [start, end] = [ranges.start(last), ranges.end(last)];
    const now = video.currentTime;
    const live = this.wanted.from_ms === null;
    if (this.seekTo !== null && end >= this.seekTo) {
      video.currentTime = Math.max(this.seekTo, ranges.start(0));
      this.seekTo = null;
    } else if (this.seekTo === null && (now < ranges.start(0) || (live && (now < start || end - now > BEHIND_S)))) {
      video.currentTime = live ? Math.max(start, end - 0.2) : Math.max(start, now);
    }
    if (!this.wanted.running && !live) {
      video.pause();
    } else if (video.paused) {
      // Muted video may always play; a browser that still refuses shows the first picture.
      video.play().catch(() => undefined);
    }
    const stalled = live && Date.now() - this.lastBytes > STALLED_MS;
    if (this.told.state !== 'ended' || live) this.says({ state: stalled ? 'stalled' : live ? 'live' : 'replay' });
    this.place(video.currentTime * 90_000);
  }

  private place(at_90k: number): void {
    let found: Metadata | undefined;
    while (this.metadata.length > 0 && (this.metadata[0]?.media_90k ?? Infinity) <= at_90k + 4500) found = this.metadata.shift();
    if (!found) return;
    const { observed, st0601 = {} } = found.observation;
    const [lat, lon] = [st0601['frame_center_latitude_deg'], st0601['frame_center_longitude_deg']];
    const has = typeof lat === 'number' && typeof lon === 'number';
    this.says({
      at_ms: observed ? Date.parse(observed) : this.told.at_ms,
      centre: has ? { lat, lon } : this.told.centre,
    });
  }
}
