-- Time-stamping authorities are believed too: about the time, never as signers of anything else.

ALTER TABLE "certificate_trusted_signers" DROP CONSTRAINT "certificate_trusted_signers_purpose_check";
--> statement-breakpoint
ALTER TABLE "certificate_trusted_signers" ADD CONSTRAINT "certificate_trusted_signers_purpose_check"
  CHECK ("purpose" IN ('dcc', 'two_d_doc', 'document', 'tsa'));
