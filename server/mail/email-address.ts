import { domainToASCII } from 'node:url';

const maxEmailLength = 254;
const maxLocalPartLength = 64;

/**
 * An e-mail address that mail servers take everywhere: dot-atom before the `@` (RFC 5322, without quotes), a domain of
 * two labels or more after it, internationalised ones in their ASCII form.
 * @returns the address as it is stored, or the key of the sentence that says why it is none.
 */
export function checkEmail(typed: string): { readonly value: string } | { readonly problem: string } {
  const problem = 'case.errors.email_wrong';
  const at = typed.trim().lastIndexOf('@');
  const localPart = typed.trim().slice(0, Math.max(at, 0));
  const typedDomain = typed.trim().slice(at + 1);
  if (typed.length > maxEmailLength * 4 || /[^\p{L}\p{M}\p{N}.-]/u.test(typedDomain)) return { problem };
  const domain = domainToASCII(typedDomain);
  if (localPart.length > maxLocalPartLength) return { problem };
  if (!/^[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*$/.test(localPart)) return { problem };
  if (!/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{1,59})$/.test(domain)) {
    return { problem };
  }
  const email = `${localPart}@${domain}`;
  return email.length > maxEmailLength ? { problem } : { value: email };
}
