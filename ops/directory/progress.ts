import type { ImportProgress } from '#server/directory/import-directory.ts';

export interface ProgressDisplay {
  show(progress: ImportProgress): void;
  /** Leaves the line as it is: what is written next begins a new one. */
  end(): void;
}

interface Terminal {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const phases: Readonly<Record<ImportProgress['phase'], string>> = {
  reading: '',
  indexing: 'building the indexes',
  counting: 'counting professionals',
  replacing: 'taking the place of the directory in use',
};

const redrawMs = 100;
const barWidth = 24;
/** Without a terminal, a line each time another tenth has been read. */
const lines = 10;

/** Shows how far an import is: one line drawn again on a terminal, now and then a line elsewhere (a log, a pipe). */
export function progressDisplay(to: Terminal, now: () => number): ProgressDisplay {
  const began = now();
  let drawnAt = Number.NEGATIVE_INFINITY;
  let drawn = false;
  let phase: ImportProgress['phase'] | undefined;
  let told = -1;
  return {
    show(progress) {
      const changed = progress.phase !== phase;
      phase = progress.phase;
      const text = progressText(progress, now() - began);
      if (to.isTTY) {
        if (!changed && now() - drawnAt < redrawMs) return;
        drawnAt = now();
        drawn = true;
        // Erases what a longer line left behind.
        to.write(`\r${text.slice(0, (to.columns ?? 80) - 1)}\u001b[K`);
        return;
      }
      const done = Math.floor(progress.share * lines);
      if (!changed && (progress.phase !== 'reading' || done === told)) return;
      told = done;
      to.write(`${text}\n`);
    },
    end() {
      if (drawn) to.write('\n');
      drawn = false;
    },
  };
}

/** `[########                ]  33 %  812,400 rows  196,000 rows/s  8 s left`. @param elapsedMs since the import began. */
export function progressText({ phase, share, rows, rejected }: ImportProgress, elapsedMs: number): string {
  const seconds = elapsedMs / 1000;
  const done = Math.min(1, share);
  const bar = `[${'#'.repeat(Math.floor(done * barWidth)).padEnd(barWidth)}] ${String(Math.floor(done * 100)).padStart(3)} %`;
  const parts = [bar, `${grouped(rows)} rows`];
  if (rejected > 0) parts.push(`${grouped(rejected)} rejected`);
  if (phase !== 'reading') parts.push(phases[phase]);
  else if (seconds >= 1 && done > 0) {
    parts.push(`${grouped(Math.round(rows / seconds))} rows/s`);
    parts.push(`${duration((seconds / done) * (1 - done))} left`);
  }
  return parts.join('  ');
}

export function grouped(value: number): string {
  return new Intl.NumberFormat('en-GB').format(value);
}

/** `8 s`, `2 min 05 s`. */
export function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}
