import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { aPatient, firstDose, fitConsultation } from '#server/testing/acts.ts';
import { anAgent, signedIn } from '#server/testing/builders.ts';
import { sentence } from '#server/testing/page-visitor.ts';
import {
  anExercise,
  kinds,
  type ProfessionalKind,
  signedInProfessional,
} from '#server/testing/professionals.ts';
import { ask } from '#server/testing/record-requests.ts';
import { type ListedRoute, routeList } from '#server/testing/route-list.ts';
import { testApp, testTexts } from '#server/testing/test-app.ts';
import { testDatabase } from '#server/testing/test-database.ts';
import { projectRoot } from './source.ts';

const database = testDatabase();
const routes = routeList();
const server = testApp(database);

/** Everybody who may come, as the table's columns. */
const roles: Readonly<Record<string, ProfessionalKind>> = {
  'doctor (L)': kinds.independentDoctor(),
  'hospital nurse': kinds.hospitalNurse(),
  'hospital doctor': { ...kinds.hospitalNurse(), actingAs: anExercise({ mode: 'S', sector: 'SA01' }) },
  pharmacist: kinds.pharmacist(),
  student: { columns: { category: 'E' }, actingAs: anExercise({ category: 'E' }) },
  // Known, without any place or mode.
  'stand-in': { actingAs: anExercise({ mode: null, sector: null, structure: null }) },
  'secretary, delegated to': kinds.secretary(),
  secretary: kinds.secretary(),
  'no SubjectRefPro': kinds.standIn(),
};
const cookies = new Map<string, string>();
let patientId: string;
let doctorIdentifier: string;

beforeAll(async () => {
  for (const [role, kind] of Object.entries(roles)) {
    const who = await signedInProfessional(server, kind);
    cookies.set(role, who.cookie);
    if (role === 'doctor (L)') {
      patientId = (await aPatient(database.db, who.professional)).id;
      doctorIdentifier = who.professional.nationalIdentifier;
    }
    if (role === 'secretary, delegated to') {
      const delegation = { delegateName: 'X', scope: 'entry_and_print', validFrom: '2026-11-01' };
      const delegateIdentifier = who.professional.nationalIdentifier;
      const doctor = { ...who, cookie: cookies.get('doctor (L)') ?? '' };
      const given = await ask(server, doctor, 'POST', '/api/records/delegations', {
        ...delegation,
        delegateIdentifier,
      });
      expect(given.statusCode).toBe(201);
    }
  }
  cookies.set('agent of the desk', await signedIn(server, await anAgent(database.db)));
  cookies.set('nobody', '');
});

/** The records, for programs and for people; signing in and out is everybody's. */
const ofTheRecords = ({ path }: ListedRoute) =>
  /^\/(api\/records|fhir|dossiers|delegations|structure|espace|reprise)(\/|$)/.test(path) &&
  !path.includes('*');

/** What is sent, where more than the door decides: on whose behalf an act is entered. */
const bodies: Readonly<Record<string, (role: string) => object>> = {
  'POST /api/records/patients/:id/consultations': (role) => ({ ...fitConsultation, ...onBehalf(role) }),
  'POST /api/records/patients/:id/injections': (role) => ({
    ...firstDose,
    ...onBehalf(role),
    notADuplicate: true,
    overrideReason: 'Essai des droits',
  }),
};
const onBehalf = (role: string) => (role.startsWith('secretary') ? { performedBy: doctorIdentifier } : {});

/** What each may do there: ✓ may, D lacks the delegation alone, – refused with the reason, ∅ is to sign in first. */
async function decision({ method, path }: ListedRoute, role: string): Promise<string> {
  const body = bodies[`${method} ${path}`]?.(role);
  const isPage = !/^\/(api|fhir)\//.test(path);
  const answer = await server.app.inject({
    // Routes were listed by their methods.
    method: method as 'GET',
    url: path
      .replace(/\/patients\/:id|\/dossiers\/:id/, (start) => start.replace(':id', patientId))
      .replaceAll(/:\w+/g, randomUUID()),
    headers: {
      accept: 'application/json',
      cookie: cookies.get(role) ?? '',
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { payload: JSON.stringify(body) }),
  });
  const { statusCode } = answer;
  if (statusCode === 401 || String(answer.headers.location).startsWith('/connexion')) return '∅';
  if (statusCode >= 500) throw new Error(`${method} ${path} for ${role}: ${statusCode} ${answer.body}`);
  if (statusCode !== 403) return '✓';
  const said = (code: string) => answer.body.includes(testTexts.say('fr', `problems.${code}.detail`));
  if (said('no-delegation') || said('not-delegated-to')) return 'D';
  // A form without the page's token got past the door.
  const stale = answer.body.includes(sentence('identity.structure.stale'));
  if (isPage && (stale || said('stale-form'))) return '✓';
  return '–';
}

describe('who may do what', () => {
  it('is docs/generated/rights.md (npx vitest run ops/checks/rights.test.ts --update writes it anew: read what changed)', async () => {
    const columns = [...cookies.keys()];
    const listed = routes.all.filter(ofTheRecords).sort((a, b) => {
      const [one, other] = [`${a.path} ${a.method}`, `${b.path} ${b.method}`];
      return one < other ? -1 : one > other ? 1 : 0;
    });
    expect(listed.length).toBeGreaterThan(60);
    // First what records: whoever has taken part in a record may see more of it than a passer-by.
    for (const route of listed.filter(({ method, path }) => bodies[`${method} ${path}`]))
      for (const role of columns) await decision(route, role);
    const rows: string[] = [];
    for (const route of listed) {
      const decisions: string[] = [];
      for (const role of columns) decisions.push(await decision(route, role));
      rows.push(`| \`${route.method} ${route.path}\` | ${decisions.join(' | ')} |`);
    }
    const text = [
      '# Who may do what in the records',
      '',
      'Every route of the records for every kind of caller, as the server answers with the rights it is installed with. A test',
      'compares. ✓ may · D only with a delegation, which is lacking · – refused with the reason · ∅ must sign in first.',
      'What is asked of a record itself (whose act it is, whether it was merged) is decided behind this door.',
      '',
      `| | ${columns.join(' | ')} |`,
      `|-|${columns.map(() => '-').join('|')}|`,
      ...rows,
      '',
    ].join('\n');
    await expect(text).toMatchFileSnapshot(join(projectRoot, 'docs/generated/rights.md'));
  }, 120_000);

  it('lets nobody in who has not signed in as a professional', async () => {
    const open = ['GET /fhir/R4/metadata'];
    for (const route of routes.all.filter(ofTheRecords)) {
      const name = `${route.method} ${route.path}`;
      for (const role of ['nobody', 'agent of the desk']) {
        expect([name, role, await decision(route, role)]).toEqual([
          name,
          role,
          open.includes(name) ? '✓' : '∅',
        ]);
      }
    }
  }, 60_000);
});
