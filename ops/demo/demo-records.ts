import { eq } from 'drizzle-orm';
import { delegations, injections } from '#server/database/schema.ts';
import type { Dependencies } from '#server/dependencies.ts';
import type { Professional } from '#server/identity/professional.ts';
import { mayDo } from '#server/identity/rights.ts';
import { rememberProfessional } from '#server/identity/sign-in-professional.ts';
import { readUserinfo } from '#server/identity/userinfo.ts';
import { parisDay } from '#server/paris-day.ts';
import type { Entry } from '#server/records/acts/act-entry.ts';
import { recordInjection } from '#server/records/acts/record-injection.ts';
import { giveDelegation } from '#server/records/delegations/give-delegation.ts';
import { createPatient } from '#server/records/patients/create-patient.ts';
import { nirVault } from '#server/records/patients/nir-vault.ts';
import { sampleProfessionals } from '../embedded/sign-in/sample-professionals.ts';

type Needs = Pick<Dependencies, 'db' | 'clock' | 'config' | 'recordRules' | 'identity'>;

interface DemoPatient {
  readonly family: string;
  readonly given: string;
  /** YYYY-MM-DD. */
  readonly born: string;
  readonly sex: 'female' | 'male';
  /** Nobody's: the numbers of their communes do not exist. */
  readonly nir?: string;
  readonly doses: readonly { readonly vaccine: string; readonly lot: string; readonly daysAgo: number }[];
  /** What is to be tried with them. */
  readonly about: string;
}

/** Patients whom the sample doctor of the test wallet has vaccinated. */
export const demoPatients: readonly DemoPatient[] = [
  {
    family: 'Bélanger',
    given: 'Zoé',
    born: '1995-10-12',
    sex: 'female',
    nir: '295109912611193',
    doses: [{ vaccine: 'comirnaty', lot: 'FK1234', daysAgo: 28 }],
    about: 'first dose four weeks ago: the second is due',
  },
  {
    family: 'Marchand',
    given: 'Hélène',
    born: '1951-03-02',
    sex: 'female',
    doses: [
      { vaccine: 'comirnaty', lot: 'FE4721', daysAgo: 240 },
      { vaccine: 'comirnaty', lot: 'FF0900', daysAgo: 212 },
    ],
    about: 'two doses, no number: her summary can be signed',
  },
  {
    family: 'Olivier',
    given: 'Jean',
    born: '1984-07-30',
    sex: 'male',
    doses: [{ vaccine: 'comirnaty', lot: 'FK1234', daysAgo: 5 }],
    about: 'first dose five days ago: the rules speak against a second today',
  },
];

/**
 * Records them as the sample doctor would, through the commands of everybody; cut short, the next call goes on.
 * @returns whether they are there: false where the test wallet has no such doctor.
 */
export async function loadDemoRecords(deps: Needs): Promise<boolean> {
  const { db, clock, config, recordRules } = deps;
  const doctor = await demoDoctor(deps);
  if (!doctor) return false;
  await delegateToSecretary(deps, doctor.professional);
  const doses = demoPatients.flatMap((patient) => patient.doses);
  if ((await db.$count(injections, eq(injections.performedBy, doctor.professional.id))) >= doses.length)
    return true;
  const [vault, rules] = [nirVault(config.records), await recordRules.current()];
  for (const { family, given, born, sex, nir, doses } of demoPatients) {
    const traits = { birthFamilyName: family, birthGivenNames: given, birthDate: born, sex };
    const number = nir ? { nir } : { noNirReason: 'Carte Vitale non présentée' };
    const access = { ...doctor, action: 'patient.create' };
    const creation = await createPatient(db, vault, { ...traits, ...number }, access, clock.now());
    // A start that was cut short has made them.
    const { id } = 'created' in creation ? creation.created : creation.likely[0];
    for (const [index, { vaccine, lot, daysAgo }] of doses.entries()) {
      const at = new Date(clock.now().getTime() - daysAgo * 86_400_000);
      const input = {
        occurredAt: at.toISOString(),
        place: { kind: 'practice' as const, name: 'Cabinet du docteur Lefèvre' },
        vaccine,
        lot,
        lotExpiry: new Date(clock.now().getTime() + 300 * 86_400_000).toISOString().slice(0, 10),
        arm: 'left' as const,
        route: 'intramuscular' as const,
        doseRank: index + 1,
        doseTotal: 2,
      };
      const key = `demo-${family}-${index + 1}`;
      await recordInjection(db, doctor, { patientId: id, input, idempotencyKey: key }, rules, at);
    }
  }
  return true;
}

/** Lets the wallet's secretary enter and print for its doctor, once: without that the records are shut to her. */
async function delegateToSecretary({ db, clock }: Needs, doctor: Professional): Promise<void> {
  const sample = sampleProfessionals.find(({ id }) => id === 'secretary');
  const secretary = sample && readUserinfo(sample.claims);
  if (!secretary || (await db.$count(delegations, eq(delegations.delegatorId, doctor.id))) > 0) return;
  const now = clock.now();
  const delegation = {
    delegateIdentifier: secretary.nationalIdentifier,
    delegateName: `${secretary.givenNames} ${secretary.familyName}`,
    scope: 'entry_and_print' as const,
    validFrom: parisDay(now),
  };
  await giveDelegation(db, doctor, delegation, now);
}

/** The wallet's doctor, stored as if they had signed in; undefined when the wallet has none. */
async function demoDoctor({ db, clock, identity }: Needs): Promise<Entry | undefined> {
  const sample = sampleProfessionals.find(({ id }) => id === 'doctor');
  const described = sample && readUserinfo(sample.claims);
  if (!described) return undefined;
  const now = clock.now();
  const { id } = await rememberProfessional(db, described, now);
  const [actingAs = null] = described.exercises;
  const professional: Professional = { ...described, id, actingAs, sessionId: '' };
  const rules = await identity.rights.current();
  return {
    professional,
    route: 'npm start',
    requestId: 'demo',
    may: (right) => mayDo(professional, right, now, rules),
  };
}
