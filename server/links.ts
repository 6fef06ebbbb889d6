/**
 * Purpose: the addresses that practitioners are shown: those known to everybody, and an installation's own.
 * Entry points: `readLinks`, called by config.ts.
 * May import: nothing of the project.
 */
import { Type } from 'typebox';
import { Value } from 'typebox/value';

/** Addresses shown to practitioners, by the key that texts and flows use. Unset ones are not shown. */
export type Links = Readonly<Record<string, string>>;

/**
 * Public addresses known when this was written; an installation overrides or adds with
 * `LINKS='{"amelipro":"https://…"}'`, and hides one with an empty string.
 */
const defaultLinks: Links = {
  amelipro: 'https://espacepro.ameli.fr/',
  ameli: 'https://www.ameli.fr/',
  eCps: 'https://esante.gouv.fr/produits-services/e-cps',
  eCpsSupport: 'tel:0806800213',
  directory: 'https://annuaire.sante.fr/',
  ars: 'https://www.ars.sante.fr/',
  'order.cnom': 'https://www.conseil-national.medecin.fr/',
  'order.cnop': 'https://www.ordre.pharmacien.fr/',
  'order.oncd': 'https://www.ordre-chirurgiens-dentistes.fr/',
  'order.cnosf': 'https://www.ordre-sages-femmes.fr/',
  'order.oni': 'https://www.ordre-infirmiers.fr/',
  'order.cnomk': 'https://www.ordremk.fr/',
  'order.onpp': 'https://www.onpp.fr/',
};

/** The known addresses, with those of `LINKS` put over them; what is wrong with it is added to `faults`. */
export function readLinks(json: string | undefined, faults: string[]): Links {
  if (json === undefined) return defaultLinks;
  try {
    const links: unknown = JSON.parse(json);
    if (Value.Check(Type.Record(Type.String(), Type.String({ pattern: '^($|https://|tel:)' })), links))
      return { ...defaultLinks, ...links };
    faults.push('LINKS: must be a JSON object of https:// or tel: addresses');
  } catch {
    faults.push('LINKS: not JSON');
  }
  return defaultLinks;
}
