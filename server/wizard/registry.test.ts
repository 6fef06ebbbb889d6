import { describe, expect, it } from 'vitest';
import { chooseFlow, currentFlow, findFlow, listFlows } from './registry.ts';

describe('the registry', () => {
  it('finds a flow by its id, and nothing else', () => {
    expect(findFlow('connection')).toBe(currentFlow);
    expect(findFlow('Connection')).toBeUndefined();
    expect(findFlow('constructor')).toBeUndefined();
  });

  it('lists every flow under its own id', () => {
    expect(listFlows().map((flow) => findFlow(flow.id))).toEqual(listFlows());
  });
});

describe('chooseFlow', () => {
  const { id, version } = currentFlow;

  it('goes on with the flow of the same version', () => {
    expect(chooseFlow({ id, version })).toEqual({ flow: currentFlow, changed: false });
  });

  it('says that the questions changed since an older version, or before a newer one', () => {
    expect(chooseFlow({ id, version: version - 1 })).toEqual({ flow: currentFlow, changed: true });
    expect(chooseFlow({ id, version: version + 1 })).toEqual({ flow: currentFlow, changed: true });
  });

  it('falls back on the current flow when the stored one is gone', () => {
    expect(chooseFlow({ id: 'gone', version: 1 })).toEqual({ flow: currentFlow, changed: true });
  });
});
