import { livenCase } from './case-page.js';
import { guardForms } from './forms.js';
import { listenToKeys } from './keyboard.js';
import { livenPresence } from './presence.js';
import { livenQueue } from './queue-page.js';

livenQueue();
livenCase();
livenPresence();
listenToKeys();
guardForms();
