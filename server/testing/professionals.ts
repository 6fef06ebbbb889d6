import { createHash, randomUUID } from 'node:crypto';
import type { Database } from '#server/database/client.ts';
import { professionals } from '#server/identity/identity.table.ts';
import type { Exercise, Professional } from '#server/identity/professional.ts';
import { openSession } from '#server/identity/professional-sessions.ts';
import { sealTokens } from '#server/identity/seal-tokens.ts';
import { delegations } from '#server/records/delegations/delegations.table.ts';
import type { TestApp } from './test-app.ts';

/** The instant of a fresh `testClock()`. */
const testStart = new Date('2026-11-23T10:00:00+01:00');

let built = 0;

export type TestProfessional = typeof professionals.$inferSelect;

/** Who a test's professional is; what is left out is a doctor's. */
export interface ProfessionalKind {
  readonly columns?: Partial<TestProfessional>;
  /** Null: their issuer says nothing of any exercise. */
  readonly actingAs?: Exercise | null;
}

/** Stores a doctor with an RPPS number of their own. */
export async function aProfessional(
  db: Database,
  overrides: Partial<TestProfessional> = {},
): Promise<TestProfessional> {
  built += 1;
  const rpps = overrides.rpps === undefined ? `1010${String(built).padStart(7, '0')}` : overrides.rpps;
  const [professional] = await db
    .insert(professionals)
    .values({
      id: randomUUID(),
      nationalIdentifier: rpps === null ? `ANS${built}` : `8${rpps}`,
      familyName: `Lefèvre ${built}`,
      givenNames: 'Anne',
      profession: '10',
      category: 'C',
      knownSince: testStart,
      ...overrides,
      rpps,
    })
    .returning();
  if (!professional) throw new Error('the professional was not stored');
  return professional;
}

/** Kinds of professionals, for `signedInProfessional`: each a function, so that tests can change what matters to them. */
export const kinds = {
  independentDoctor: (): ProfessionalKind => ({
    columns: { profession: '10', category: 'C' },
    actingAs: anExercise(),
  }),
  hospitalNurse: (): ProfessionalKind => ({
    columns: { profession: '60', category: 'C' },
    actingAs: anExercise({
      key: 'nurse-hospital',
      profession: '60',
      mode: 'S',
      sector: 'SA01',
      structure: {
        name: 'Centre hospitalier des Trois-Rivières',
        siteFiness: '750000011',
        legalFiness: '750000029',
        siret: null,
      },
    }),
  }),
  pharmacist: (): ProfessionalKind => ({
    columns: { profession: '21', category: 'C' },
    actingAs: anExercise({
      key: 'pharmacist',
      profession: '21',
      sector: 'SA33',
      structure: { name: 'Pharmacie du Marché', siteFiness: '750000037', legalFiness: null, siret: null },
    }),
  }),
  /** Known by the number of an employer and her own: no RPPS, no profession. */
  secretary: (): ProfessionalKind => {
    built += 1;
    return {
      columns: {
        rpps: null,
        nationalIdentifier: `500000001815646/CPAT${String(built).padStart(5, '0')}`,
        profession: null,
        category: null,
      },
      actingAs: anExercise({
        key: 'secretary',
        profession: null,
        category: null,
        mode: 'S',
        sector: 'SA01',
        structure: {
          name: 'Centre hospitalier des Trois-Rivières',
          siteFiness: '750000011',
          legalFiness: '750000029',
          siret: null,
        },
      }),
    };
  },
  /** A doctor of whose exercises nothing is said. */
  standIn: (): ProfessionalKind => ({ columns: { profession: null, category: null }, actingAs: null }),
} as const;

/** An independent doctor's practice. */
export function anExercise(overrides: Partial<Exercise> = {}): Exercise {
  return {
    key: 'doctor-practice',
    profession: '10',
    category: 'C',
    mode: 'L',
    sector: 'SA07',
    role: null,
    structure: { name: 'Cabinet du docteur Lefèvre', siteFiness: null, legalFiness: null, siret: null },
    ...overrides,
  };
}

export interface SignedInProfessional {
  readonly professional: Professional;
  /** The `cookie` header of their requests. */
  readonly cookie: string;
}

/** A professional who has just signed in, by default an independent doctor; no issuer is asked. */
export async function signedInProfessional(
  { app, deps }: Pick<TestApp, 'app' | 'deps'>,
  kind: ProfessionalKind = kinds.independentDoctor(),
): Promise<SignedInProfessional> {
  const stored = await aProfessional(deps.db, kind.columns);
  return signInAs({ app, deps }, stored, kind.actingAs === undefined ? anExercise() : kind.actingAs);
}

/** Somebody who has just signed in, by default a secretary, to whom a doctor whom nobody else meets delegates entry. */
export async function signedInDelegate(
  server: Pick<TestApp, 'app' | 'deps'>,
  kind: ProfessionalKind = kinds.secretary(),
): Promise<SignedInProfessional> {
  const delegate = await signedInProfessional(server, kind);
  await delegateEntry(server.deps.db, delegate.professional);
  return delegate;
}

/**
 * Whoever the columns of a table of rights name, signed in: one of `kinds`, the secretary with a delegation; `undelegated`:
 * one without; undefined for `nobody`.
 */
export async function signedInRole(
  server: Pick<TestApp, 'app' | 'deps'>,
  role: keyof typeof kinds | 'undelegated' | 'nobody',
): Promise<SignedInProfessional | undefined> {
  if (role === 'nobody') return undefined;
  if (role === 'secretary') return signedInDelegate(server);
  return signedInProfessional(server, kinds[role === 'undelegated' ? 'secretary' : role]());
}

/** Has a doctor whom nobody else meets delegate entry to somebody, for the year of a fresh `testClock()`. */
export async function delegateEntry(
  db: Database,
  { nationalIdentifier }: Pick<Professional, 'nationalIdentifier'>,
  changes: Partial<typeof delegations.$inferInsert> = {},
): Promise<void> {
  const delegator = await aProfessional(db);
  await db.insert(delegations).values({
    delegatorId: delegator.id,
    delegateIdentifier: nationalIdentifier,
    delegateName: 'Dominique Petit',
    scope: 'entry',
    validFrom: '2026-01-01',
    validTo: '2026-12-31',
    createdAt: testStart,
    ...changes,
  });
}

/** One more session, of a professional who is stored already. */
export async function signInAs(
  { app, deps }: Pick<TestApp, 'app' | 'deps'>,
  stored: TestProfessional,
  actingAs: Exercise | null = anExercise(),
): Promise<SignedInProfessional> {
  const now = deps.clock.now();
  const tokens = sealTokens(deps.config.secrets, {
    accessToken: 'access',
    accessUntil: new Date(now.getTime() + 120_000).toISOString(),
    refreshToken: null,
    idToken: 'id',
  });
  const secret = await openSession(
    deps.db,
    { professionalId: stored.id, issuer: 'psc', exercises: actingAs ? [actingAs] : [], actingAs, tokens },
    now,
  );
  const { id, nationalIdentifier, rpps, familyName, givenNames } = stored;
  const sessionId = createHash('sha256').update(secret).digest('hex');
  return {
    professional: { id, nationalIdentifier, rpps, familyName, givenNames, actingAs, sessionId },
    cookie: `professional_session=${encodeURIComponent(app.signCookie(secret))}`,
  };
}
