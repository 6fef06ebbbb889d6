import type { Database } from '../database/client.ts';
import { refuseRules } from './check-rules.ts';
import type { RoutingRule } from './configuration.ts';
import { editingConfiguration, recordChange } from './configuration-history.ts';
import { routingRules } from './hotlines.table.ts';
import { loadConfiguration } from './load-configuration.ts';

/** Room between two rules, for who inserts one by SQL. */
const step = 10;

/**
 * Replaces the routing rules, tried in the order given, and writes down who did.
 * @returns their new version.
 * @throws Problem 409 `configuration-changed` when somebody saved meanwhile; 422 as `refuseRules`.
 */
export async function saveRoutingRules(
  db: Database,
  edit: {
    readonly agent: { readonly id: string };
    /** The one that the supervisor saw. */
    readonly version: number;
    readonly rules: readonly RoutingRule[];
  },
  now: Date,
): Promise<number> {
  const { agent, version, rules } = edit;
  return editingConfiguration(db, async (tx) => {
    const configuration = await loadConfiguration(tx);
    const newVersion = await recordChange(tx, {
      subject: 'routing-rules',
      version,
      at: now,
      agentId: agent.id,
      before: configuration.rules,
      after: rules,
    });
    refuseRules({ ...configuration, rules }, now);
    await tx.delete(routingRules);
    await tx.insert(routingRules).values(
      rules.map(({ hotline: hotlineId, ...rule }, index) => ({
        ...rule,
        hotlineId,
        position: (index + 1) * step,
      })),
    );
    return newVersion;
  });
}
