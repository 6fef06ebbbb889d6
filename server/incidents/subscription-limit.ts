/** Wishes from one address in a minute: a whole hospital may share it. */
export const subscriptionLimit = { max: 120, timeWindow: '1 minute', hook: 'preHandler' } as const;
