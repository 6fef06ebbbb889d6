import type { AgentRole } from '#server/agents/agents.table.ts';

/** The same for every demo account: they exist only where `npm start` made them. */
export const demoPassword = 'demo-demo-demo';

export interface DemoAgent {
  readonly email: string;
  readonly name: string;
  readonly role: AgentRole;
  readonly hotlines: readonly string[];
  /** What the account is for, as `npm start` says it. */
  readonly about: string;
}

/** The last one is made when all the rest is there, see load-demo-data.ts. */
export const demoAgents = [
  {
    email: 'agent.etablissements@demo.test',
    name: 'Inès Morel',
    role: 'agent',
    hotlines: ['etablissements'],
    about: 'establishments and centres',
  },
  {
    email: 'agent.liberaux@demo.test',
    name: 'Hugo Lambert',
    role: 'agent',
    hotlines: ['liberaux'],
    about: 'independent practice',
  },
  {
    email: 'agent.deux@demo.test',
    name: 'Nadia Perrin',
    role: 'agent',
    hotlines: ['etablissements', 'liberaux'],
    about: 'both hotlines',
  },
  {
    email: 'supervision@demo.test',
    name: 'Claude Mercier',
    role: 'supervisor',
    hotlines: [],
    about: 'supervision of every line',
  },
] as const satisfies readonly DemoAgent[];

export type DemoAgentEmail = (typeof demoAgents)[number]['email'];
