import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { readUserinfo } from '#server/identity/userinfo.ts';
import { freePort } from '#server/testing/free-port.ts';
import { loadTexts } from '#server/texts.ts';
import { loadViews } from '#server/views.ts';
import { sampleProfessionals } from './sample-professionals.ts';
import { startSignInProvider } from './start-provider.ts';

const options = { views: loadViews(loadTexts()), publicUrl: 'http://localhost:3000' };
afterEach(() => vi.unstubAllEnvs());

describe('the test wallet', () => {
  it('is refused in production', async () => {
    vi.stubEnv('NODE_ENV', 'production');
    await expect(startSignInProvider(options)).rejects.toThrow('refused in production');
  });

  it('takes another port when its own is taken', async () => {
    const port = await freePort();
    const other = createServer().listen({ host: '127.0.0.1', port });
    await once(other, 'listening');
    const provider = await startSignInProvider({ ...options, port });
    try {
      expect(provider.origin).not.toContain(`:${port}`);
      expect((await fetch(`${provider.origin}/assets/wallet.css`)).status).toBe(200);
    } finally {
      await provider.close();
      other.close();
    }
  });

  it('is found at the address of Pro Santé Connect, not at the standard one, and says nothing to strangers', async () => {
    const provider = await startSignInProvider(options);
    try {
      const at = (path: string) => fetch(provider.origin + path, { redirect: 'manual' });
      expect((await at('/psc/.well-known/openid-configuration')).status).toBe(404);
      const found = await (await at('/psc/.well-known/wallet-openid-configuration')).json();
      expect(found).toMatchObject({
        issuer: `${provider.origin}/psc`,
        code_challenge_methods_supported: ['S256'],
      });
      expect((await at('/amelipro/.well-known/openid-configuration')).status).toBe(200);
      expect((await at('/elsewhere')).status).toBe(404);
      expect((await at('/assets/../package.json')).status).toBe(404);

      const query = new URLSearchParams({
        client_id: 'aiguillage',
        response_type: 'code',
        scope: 'openid',
        redirect_uri: 'https://evil.example/',
      });
      const refused = await at(`/psc/auth?${query}`);
      expect(refused.status).toBe(400);
      expect(refused.headers.get('location')).toBeNull();
      expect(await refused.text()).toContain('Ceci est un portefeuille d’essai');
    } finally {
      await provider.close();
    }
  });

  it('knows somebody for each situation that matters', () => {
    const exercises = Object.fromEntries(
      sampleProfessionals.map(({ id, claims }) => {
        const described = readUserinfo(claims);
        return [id, [described?.rpps ?? null, described?.exercises.map(({ mode }) => mode)]];
      }),
    );
    expect(exercises).toEqual({
      doctor: ['10100000014', ['L']],
      nurse: ['10100000022', ['S']],
      pharmacist: ['10100000030', ['L']],
      several: ['10100000048', ['L', 'L', 'S', 'S', 'S']],
      standIn: ['10100000055', [null]],
      secretary: [null, ['S']],
      withoutReference: ['10100000071', [null]],
    });
  });
});
