import { livenCallbacks } from './callbacks-page.js';
import { livenCase } from './case-page.js';
import { guardForms } from './forms.js';
import { livenIncidents } from './incidents.js';
import { listenToKeys } from './keyboard.js';
import { closeMenus } from './menu.js';
import { livenPresence } from './presence.js';
import { livenQueue } from './queue-page.js';

livenQueue();
livenCase();
livenCallbacks();
livenPresence();
livenIncidents();
listenToKeys();
closeMenus();
guardForms();
