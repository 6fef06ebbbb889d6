/**
 * Purpose: gathers the tables that the domains declare, so that the client knows them all.
 * Entry points: client.ts.
 * May import: the domains' `*.table.ts`, nothing else.
 */
export * from '../agents/agents.table.ts';
export * from '../callbacks/callbacks.table.ts';
export * from '../cases/cases.table.ts';
export * from '../certificates/certificates.table.ts';
export * from '../directory/directory.table.ts';
export * from '../follow-ups/follow-ups.table.ts';
export * from '../identity/identity.table.ts';
export * from '../identity/rights.table.ts';
export * from '../incidents/incident-notices.table.ts';
export * from '../incidents/incidents.table.ts';
export * from '../records/access-log/access-log.table.ts';
export * from '../records/acts/acts.table.ts';
export * from '../records/delegations/delegations.table.ts';
export * from '../records/documents/documents.table.ts';
export * from '../records/imports/imports.table.ts';
export * from '../records/kept-forms/kept-forms.table.ts';
export * from '../records/patients/patients.table.ts';
export * from '../records/retention/archived-records.table.ts';
export * from '../records/rules/rules.table.ts';
export * from '../routing/configuration-changes.table.ts';
export * from '../routing/hotlines.table.ts';
export * from '../wizard/wizard.table.ts';
export * from './outbox.table.ts';
