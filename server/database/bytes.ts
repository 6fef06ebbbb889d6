import { customType } from 'drizzle-orm/pg-core';

/** A `bytea` column: what is stored sealed, or as a digest. */
export const bytes = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => 'bytea' });
