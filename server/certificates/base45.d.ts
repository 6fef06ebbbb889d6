/** What the package does not say of itself: RFC 9285, without checks on decoding. */
declare module 'base45' {
  export function encode(bytes: Uint8Array): string;
  export function decode(text: string): Uint8Array;
}
