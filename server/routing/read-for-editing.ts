import type { Database } from '../database/client.ts';
import type { RoutingConfiguration } from './configuration.ts';
import type { ConfigurationSubject } from './configuration-changes.table.ts';
import { versionOf } from './configuration-history.ts';
import { loadConfiguration } from './load-configuration.ts';

/**
 * What is configured now and the version of what is to be edited, from the tables and not from memory. The version is
 * read first: an edit that commits in between makes the save that follows a conflict, never an overwriting.
 */
export async function readForEditing(
  db: Database,
  subject: ConfigurationSubject,
): Promise<{ readonly configuration: RoutingConfiguration; readonly version: number }> {
  const version = await versionOf(db, subject);
  return { version, configuration: await loadConfiguration(db) };
}
