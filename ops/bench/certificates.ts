import { sign, verify } from 'node:crypto';
import { checkDcc } from '#server/certificates/dcc/check-dcc.ts';
import { composeDcc, signDcc } from '#server/certificates/dcc/sign-dcc.ts';
import { newUvci } from '#server/certificates/dcc/uvci.ts';
import { selfSigned } from '#server/certificates/keys/self-signed.ts';
import { documentPool } from '#server/certificates/pool/document-pool.ts';
import { localSigner } from '#server/certificates/signer.ts';
import { trustedSigner, trustList } from '#server/certificates/trust-list.ts';
import type { LoadResult } from './generator.ts';
import { type Comparison, percentile, runLoad } from './measure.ts';
import type { Stage } from './stage.ts';

/** How many of each in a round; short, since rounds take turns. */
const certificates = 2000;
const rounds = 5;
const summaries = 40;
const requests = 3000;

/** Summaries made by threads, and what other requests felt of it. */
export interface SummaryBenchResult {
  readonly name: string;
  readonly summariesPerSecond: number;
  /** Milliseconds, of other requests without and with summaries being made. */
  readonly idleP99: number;
  readonly busyP99: number;
  /** Busy over idle, at most. */
  readonly aim: number;
}

/** DCC issued and verified against bare ES256 on the same bytes, and summaries beside other requests. */
export async function certificatesBench(stage: Stage): Promise<readonly (Comparison | SummaryBenchResult)[]> {
  const now = new Date();
  const validity = {
    validFrom: new Date(now.getTime() - 60_000),
    validTo: new Date(now.getTime() + 86_400_000),
  };
  const { privateKey, certificate } = selfSigned('Benchmark', validity);
  const signer = localSigner(privateKey, certificate);
  const trusted = trustedSigner('dcc', certificate);
  const trust = trustList([trusted]);
  const injection = {
    person: { familyName: 'Lefèvre', givenNames: ['Zoé'], birthDate: '1962-05-31' },
    dose: { rank: 2, primaryDoses: 2 },
    vaccine: 'EU/1/20/1528',
    date: '2021-11-30',
    country: 'FR',
  };
  const issue = () => {
    const terms = {
      uvci: newUvci('FR'),
      issuer: 'CNAM',
      country: 'FR',
      issuedAt: now,
      expiresAt: validity.validTo,
    };
    return signDcc(composeDcc(injection, terms), terms, signer);
  };
  const hc1 = await issue();
  const read = checkDcc(hc1, trust, now);
  if (read.findings.length > 0)
    throw new Error(`what was issued is refused: ${JSON.stringify(read.findings)}`);
  // As many bytes as are signed of a certificate.
  const bytes = new Uint8Array(read.read?.message.payload ?? []);
  const privateOptions = { key: privateKey, dsaEncoding: 'ieee-p1363' } as const;
  const publicOptions = { key: trusted.key, dsaEncoding: 'ieee-p1363' } as const;
  const signature = sign('sha256', bytes, privateOptions);

  return [
    await inTurns('DCC issued', issue, () => sign('sha256', bytes, privateOptions)),
    await inTurns(
      'DCC verified',
      () => checkDcc(hc1, trust, now),
      () => verify('sha256', bytes, publicOptions, signature),
    ),
    await summariesBesideRequests(stage, signer, now),
  ];
}

async function inTurns(name: string, product: () => unknown, floor: () => unknown): Promise<Comparison> {
  const measured: { product: LoadResult; floor: LoadResult; ratio: number }[] = [];
  for (let round = 0; round <= rounds; round++) {
    const ofFloor = await time(floor);
    const ofProduct = await time(product);
    if (round > 0) {
      measured.push({ product: ofProduct, floor: ofFloor, ratio: ofProduct.perSecond / ofFloor.perSecond });
    }
  }
  measured.sort((a, b) => a.ratio - b.ratio);
  const median = measured[Math.floor(rounds / 2)];
  if (!median) throw new Error('no round was measured');
  return { name, aim: 0.5, ...median };
}

async function time(work: () => unknown): Promise<LoadResult> {
  const took: number[] = [];
  const began = performance.now();
  for (let index = 0; index < certificates; index++) {
    const start = performance.now();
    await work();
    took.push(performance.now() - start);
  }
  const seconds = (performance.now() - began) / 1000;
  const rounded = (share: number) => Math.round(percentile(took, share) * 1000) / 1000;
  return { perSecond: certificates / seconds, p50: rounded(0.5), p99: rounded(0.99), failures: {} };
}

async function summariesBesideRequests(
  stage: Stage,
  signer: ReturnType<typeof localSigner>,
  now: Date,
): Promise<SummaryBenchResult> {
  const load = () =>
    runLoad({
      origin: stage.origin,
      connections: 10,
      calls: Array.from({ length: requests }, () => ({ method: 'GET', path: '/api/hotlines' })),
    });
  const pool = documentPool();
  const make = (index: number) =>
    pool.summary(
      {
        number: `BV-${index}`,
        languages: ['fr'],
        issuedAt: now.toISOString(),
        person: { familyName: 'Lefèvre', givenNames: ['Zoé'], birthDate: '1962-05-31' },
        validatedBy: 'Dr Anne Martin',
        recordVersion: '1',
        verification: { url: 'https://example.org/verifier', code: 'AAAA-AAAA-AAAA' },
        consultations: [{ date: '2021-01-20', outcome: 'fit', professional: 'Dr Anne Martin' }],
        injections: [1, 2, 3].map((rank) => ({
          date: '2021-01-21',
          vaccine: 'Comirnaty',
          lot: 'LOT',
          rank,
          expected: 2,
          professional: 'Dr Anne Martin',
        })),
      },
      { signer, at: now, reason: 'Bilan de vaccination' },
    );
  try {
    await load();
    await make(0);
    const idle = await load();
    const began = performance.now();
    let seconds = 0;
    const making = Promise.all(Array.from({ length: summaries }, (_, index) => make(index + 1))).then(() => {
      seconds = (performance.now() - began) / 1000;
    });
    const busy = await load();
    await making;
    return {
      name: 'summaries beside other requests',
      summariesPerSecond: summaries / seconds,
      idleP99: idle.p99,
      busyP99: busy.p99,
      aim: 2,
    };
  } finally {
    await pool.close();
  }
}
