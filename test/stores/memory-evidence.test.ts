import { memoryEvidence } from '../../lib/stores/memory-evidence';
import { evidenceContract } from '../contracts/evidence.contract';

evidenceContract('memoryEvidence', async () => ({
  evidence: memoryEvidence(),
  close: async () => undefined,
}));
