import { type Static, Type } from 'typebox';
import { strictObject } from '../http/validation.ts';
import type { FieldProblem } from '../problem.ts';
import type { Practitioner } from '../routing/practitioner-types.ts';
import { checkPractitioner, PractitionerSchema } from '../routing/routing.schemas.ts';
import { languages } from '../texts.ts';
import { type Contact, checkContact, maxNameLength } from './contact.ts';
import { holdsSocialSecurityNumber } from './social-security-number.ts';

/** Longest message between practitioner and desk, in characters. */
export const maxMessageLength = 4000;

/** What opens a case: the body of `POST /api/wizard/sessions/{id}/case`, and what the HTML form is read into. */
export const NewCaseBody = strictObject({
  contact: strictObject(
    {
      name: Type.String({ description: `1 to ${maxNameLength} visible characters` }),
      email: Type.Optional(Type.String({ description: 'An ordinary e-mail address' })),
      phone: Type.Optional(
        Type.String({ description: 'A French number as dialled in France, or any in international form' }),
      ),
      language: Type.Optional(
        Type.Enum([...languages], { description: 'In which mails are written; by default the session’s' }),
      ),
    },
    { description: 'At least one of `email` and `phone`' },
  ),
  practitioner: Type.Optional(PractitionerSchema),
  message: Type.Optional(Type.String({ description: `At most ${maxMessageLength} characters` })),
  followUps: Type.Boolean({ description: 'Consent to mails that follow the case up' }),
});
export type NewCaseBody = Static<typeof NewCaseBody>;

/** A body whose every value was checked and brought to the form in which it is stored. */
export interface CheckedNewCase {
  readonly contact: Contact;
  readonly language: NewCaseBody['contact']['language'];
  readonly practitioner: Practitioner;
  /** The RPPS number's key is wrong: told, never refused. */
  readonly rppsDoubtful: boolean;
  readonly message: string | null;
  readonly followUps: boolean;
}

/** Checks all the values at once. @returns what to store, or every field at fault, by JSON pointer. */
export function checkNewCase(
  body: NewCaseBody,
): CheckedNewCase | { readonly errors: readonly FieldProblem[] } {
  const contact = checkContact(body.contact);
  const checked = checkPractitioner(body.practitioner ?? {}, '/practitioner');
  const message = checkMessage(body.message ?? '', '/message');
  const name = 'errors' in contact ? '' : contact.name;
  if ('errors' in contact || 'errors' in checked || 'errors' in message || holdsSocialSecurityNumber(name)) {
    return {
      errors: [
        ...('errors' in contact ? contact.errors : []),
        ...(holdsSocialSecurityNumber(name)
          ? [{ path: '/contact/name', key: notASocialSecurityNumber }]
          : []),
        ...('errors' in checked ? checked.errors : []),
        ...('errors' in message ? message.errors : []),
      ],
    };
  }
  return {
    contact,
    language: body.contact.language,
    practitioner: checked.practitioner,
    rppsDoubtful: checked.warnings.includes('rpps'),
    message: message.text || null,
    followUps: body.followUps,
  };
}

const notASocialSecurityNumber = 'case.errors.social_security_number';

/**
 * Words from a practitioner to the desk, with the line ends of a form made plain; empty when nothing was written.
 * A social security number is refused: health identifiers must not reach the desk.
 * @param path JSON pointer of the words in their body, for the error.
 */
export function checkMessage(
  typed: string,
  path: string,
): { readonly text: string } | { readonly errors: readonly FieldProblem[] } {
  const text = typed.replace(/\r\n?/g, '\n').trim();
  // Whole characters: an emoji outside the first 65,536 is one, not two.
  const length = text.length <= maxMessageLength ? text.length : [...text].length;
  if (length > maxMessageLength) {
    const parameters = { limit: maxMessageLength, length };
    return { errors: [{ path, key: 'case.errors.message_too_long', parameters }] };
  }
  return holdsSocialSecurityNumber(text) ? { errors: [{ path, key: notASocialSecurityNumber }] } : { text };
}
