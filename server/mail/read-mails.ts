import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type ParsedMail, simpleParser } from 'mailparser';

/** A mail as it was written to disk. */
export interface WrittenMail {
  /** Its file's name, which is its address on the demo pages. */
  readonly name: string;
  readonly subject: string;
  readonly to: string;
  readonly date: Date;
  readonly text: string;
  readonly html: string;
}

/** The mails of a directory, the newest first; none when it does not exist. At most `limit`. */
export async function listMails(directory: string, limit: number): Promise<readonly WrittenMail[]> {
  const names = await mailNames(directory);
  const dated = await Promise.all(
    names.map(async (name) => ({ name, at: (await stat(join(directory, name))).mtimeMs })),
  );
  const newest = dated.toSorted((a, b) => b.at - a.at || b.name.localeCompare(a.name)).slice(0, limit);
  return Promise.all(newest.map(({ name }) => read(directory, name)));
}

/** One mail by its file's name; undefined when there is none of exactly that name. */
export async function findMail(directory: string, name: string): Promise<WrittenMail | undefined> {
  // Only a name that the directory itself gives is ever opened.
  const names = await mailNames(directory);
  return names.includes(name) ? read(directory, name) : undefined;
}

async function mailNames(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).filter((name) => /^[^.].*\.eml$/.test(name));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

async function read(directory: string, name: string): Promise<WrittenMail> {
  const mail = await simpleParser(await readFile(join(directory, name)));
  return {
    name,
    subject: mail.subject ?? '',
    to: recipients(mail),
    date: mail.date ?? new Date(0),
    text: mail.text ?? '',
    html: mail.html || '',
  };
}

function recipients({ to }: ParsedMail): string {
  const lists = to === undefined ? [] : Array.isArray(to) ? to : [to];
  return lists.map(({ text }) => text).join(', ');
}
