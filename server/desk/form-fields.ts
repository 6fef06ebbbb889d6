import { formField } from '../http/forms.ts';

/**
 * One field of a sent form as text: absent, repeated or oddly shaped ones are empty, which the form then refuses in
 * its own words. Line ends are those of the rest of the product, whatever the browser sends.
 */
export function textField(body: unknown, name: string): string {
  return (formField(body, name) ?? '').replace(/\r\n?/g, '\n');
}
