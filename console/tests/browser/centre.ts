// A real centre for the browser tests: `truceline demo`, built by the same checkout, in a folder of its own.

import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const BINARY = process.env['TRUCELINE'] ?? join(ROOT, 'target/debug/truceline');
export const THEATRE = join(ROOT, 'theatres/karabakh-2020');
export const SECOND = join(ROOT, 'theatres/idlib-2020');
const READY_MS = 180_000;

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}

/** What a command of the program prints. */
export function command(...args: string[]): string {
  return execFileSync(BINARY, args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

/** Admits somebody, and makes their invitation's code. */
export function invited(dir: string, id: string, name: string, state: string, role = 'signing officer'): string {
  command('person', 'add', '--dir', dir, id, '--name', name, '--state', state, '--role', role);
  return (JSON.parse(command('--json', 'person', 'invite', '--dir', dir, id)) as { code: string }).code;
}

/** An officer of the person's state, or its official, vouches for their passkey. */
export function vouchedFor(dir: string, id: string, state: string, part = 'officer'): void {
  command('person', 'vouch', '--dir', dir, id, '--key', join(dir, `keys/${part}-${state}.key`));
}

export class Centre {
  private constructor(
    readonly dir: string,
    readonly port: number,
    private readonly process: ChildProcess,
  ) {}

  /** Passkeys take a name and no number for a host. */
  get url(): string {
    return `http://localhost:${this.port}`;
  }

  /** Runs the demo; `told` gets what it prints when something fails. */
  static async demo(): Promise<Centre> {
    const dir = join(mkdtempSync(join(tmpdir(), 'truceline-console-')), 'centre');
    const port = await freePort();
    const centre = new Centre(dir, port, run(['demo', '--dir', dir, '--port', String(port)]));
    await centre.answers();
    return centre;
  }

  /** A centre of shipped theatres without feeds and without parts to play; `prepared` is called before it is served. */
  static async made(prepared: (dir: string) => void, theatres = [THEATRE]): Promise<Centre> {
    const dir = join(mkdtempSync(join(tmpdir(), 'truceline-console-')), 'centre');
    command('init', dir, ...theatres.flatMap((theatre) => ['--theatre', theatre]));
    prepared(dir);
    const port = await freePort();
    const centre = new Centre(dir, port, run(['serve', '--dir', dir, '--listen', `127.0.0.1:${port}`]));
    await centre.answers();
    return centre;
  }

  /** Ends it, and takes its folder away. */
  async remove(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const gone = new Promise((resolve) => this.process.once('exit', resolve));
      this.process.kill('SIGKILL');
      await gone;
    }
    rmSync(join(this.dir, '..'), { recursive: true, force: true });
  }

  private async answers(): Promise<void> {
    const end = Date.now() + READY_MS;
    while (Date.now() < end) {
      if (this.process.exitCode !== null) throw new Error(`${BINARY} ended with ${this.process.exitCode}`);
      const answer = await fetch(`http://127.0.0.1:${this.port}/healthz`).catch(() => null);
      if (answer?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    throw new Error('the centre does not answer');
  }
}

function run(args: string[]): ChildProcess {
  return spawn(BINARY, args, { cwd: ROOT, stdio: ['ignore', 'ignore', process.env['VERBOSE'] ? 'inherit' : 'ignore'] });
}
