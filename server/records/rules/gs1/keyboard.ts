/** The scanner types as on an American keyboard, the computer reads a French one. */
export type AzertyAccident = 'azerty';

/** Key by key, unshifted then shifted: what an American keyboard means, what a French one writes. */
const meant = `1234567890-=qwertyuiop[]asdfghjkl;'zxcvbnm,./_+QWERTYUIOPASDFGHJKL:"ZXCVBNM<>?`;
const typed = `&é"'(-è_çà)=azertyuiop^$qsdfghjklmùwxcvbn,;:!°+AZERTYUIOPQSDFGHJKLM%WXCVBN?./§`;

const back = new Map([...typed].map((letter, place) => [letter, [...meant][place] ?? letter]));

/** Digits as the unshifted keys of a French keyboard write them. */
const digitKeys = '&é"\'(-è_çà';

/**
 * What the scanner meant, when a French keyboard layout garbled it. Scanners type digits without shift, which a
 * French keyboard never writes as digits: a message without any digit that begins like a garbled one is one.
 *
 * @returns `caps_lock` when digits came through but the symbology's mark is garbled: capitals were locked, and which
 * letters were meant cannot be told.
 */
export function undoAzerty(
  message: string,
): { readonly text: string; readonly accidents: readonly AzertyAccident[] } | 'caps_lock' {
  if (/^[£¨$*][A-Za-z]\d/.test(message)) return 'caps_lock';
  const start = /^\$[a-z]/i.test(message) ? message.slice(2) : message;
  const garbled = !/[0-9]/.test(message) && [...start.slice(0, 2)].every((each) => digitKeys.includes(each));
  if (!garbled || start.length < 2) return { text: message, accidents: [] };
  return { text: [...message].map((each) => back.get(each) ?? each).join(''), accidents: ['azerty'] };
}
