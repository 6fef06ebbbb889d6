import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { simpleParser } from 'mailparser';
import { searchMail } from './mails.ts';
import type { NirWatch } from './watch.ts';

/**
 * Searches every file below a folder, if it is there, a mail also as it is read. Of a Redis that writes down every command, this finds
 * what it has forgotten since, too.
 */
export async function searchFiles(folder: string, watch: NirWatch): Promise<void> {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const content = readFileSync(path);
    watch.look(`the file ${relative(folder, path)}`, content.toString('utf8'));
    if (path.endsWith('.eml')) searchMail(await simpleParser(content), watch);
  }
}
