import type { Request, Response } from 'express';
import type { Scope } from '../core/scope';
import { clientAddress } from '../delivery/client-address';
import { refuse, type Refusal } from '../errors';
import { addEvidence, type Found, refuseEvidence } from '../recovery/requests';
import type { Stepped } from '../recovery/step';
import { readUpload } from '../session/multipart';

/** Adds a copy of an identity document. What the account does not know in the end does not stay in the store either. */
export async function addDocument(
  scope: Scope,
  req: Request,
  res: Response,
  found: Found,
): Promise<Stepped | Refusal> {
  const { documents } = scope;
  if (!documents) return refuse('malformed', { field: 'kind' });
  const from = clientAddress(scope.request?.address);
  const upload = await readUpload(req, res, documents.maxBytes, from);
  if (!upload.ok) return upload;
  if (upload.fields.get('kind') !== 'identity') return refuse('malformed', { field: 'kind' });
  const refused = refuseEvidence(scope, found, 'identity');
  if (refused) return refused;
  const kept = await documents.keep(found.request, upload.file, scope.now());
  if (!kept.ok) return kept;
  const { file } = kept;
  let isKept = false;
  try {
    const done = await addEvidence(scope, found, { kind: 'identity', file });
    isKept = done.ok;
    return done;
  } finally {
    if (!isKept) await documents.drop([file.id]);
  }
}
