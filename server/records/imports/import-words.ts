/** Why a record that a file made has no NIR, as it is stored: pages and answers put it in words. */
export const importReason = 'import';
