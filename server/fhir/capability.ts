/** What this server can do, as a CapabilityStatement. @param base address of the facade. @param at when it is asked. */
export function capabilityStatement(base: string, at: Date) {
  const reference = (name: string, documentation: string) => ({ name, type: 'reference', documentation });
  const paging = [
    { name: '_id', type: 'token' },
    { name: '_lastUpdated', type: 'date' },
  ];
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: at.toISOString(),
    kind: 'instance',
    software: { name: 'Aiguillage' },
    implementation: { description: 'Aiguillage: vaccination records', url: base },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json', 'json'],
    rest: [
      {
        mode: 'server',
        security: {
          cors: false,
          description: 'Session of a professional signed in by Pro Santé Connect; every access is logged.',
        },
        documentation:
          'Searches take _count (at most 200), _sort (date or _lastUpdated, one of them, - before it for the latest first; not of Patient), _elements, _summary and _total. Next pages are links with an opaque _cursor, sealed for who asked. A parameter that is not known is refused, unless Prefer: handling=lenient: then it is passed over, and an OperationOutcome says so.',
        resource: [
          {
            type: 'Immunization',
            documentation:
              'Updates need If-Match and a reason (extension urn:aiguillage:fhir:change-reason). Delete sets aside as entered-in-error: the version set aside is read as any other, and taken back by an update; its reason is the header Change-Reason (UTF-8, percent-encoded, 3 to 1000 characters), else a fixed sentence; If-Match is honoured when given. Every version is in _history, with the reason of its change in the same extension; _since and _count are honoured there. What is doubtful in what was taken (a FINESS number that the directory does not know) is told to who creates or updates with Prefer: return=OperationOutcome. Elements kept by the server (id, meta, identifier, recorded, reaction) are taken and not looked at.',
            interaction: [
              ...['read', 'vread', 'history-instance', 'search-type', 'create', 'update', 'delete'],
            ].map((code) => ({ code })),
            versioning: 'versioned-update',
            readHistory: true,
            conditionalRead: 'not-supported',
            updateCreate: false,
            conditionalCreate: true,
            conditionalUpdate: false,
            conditionalDelete: 'not-supported',
            searchParam: [
              ...paging,
              reference('patient', 'Needed'),
              { name: 'status', type: 'token' },
              { name: 'date', type: 'date' },
              { name: 'vaccine-code', type: 'token' },
            ],
          },
          {
            type: 'Patient',
            documentation:
              'Searched by POST to _search alone: identifier (NIR), or family, given and birthdate.',
            interaction: ['read', 'search-type'].map((code) => ({ code })),
            versioning: 'versioned',
            readHistory: false,
            conditionalRead: 'not-match',
            searchParam: [
              ...paging,
              { name: 'identifier', type: 'token' },
              { name: 'family', type: 'string' },
              { name: 'given', type: 'string' },
              { name: 'birthdate', type: 'date' },
              { name: 'gender', type: 'token' },
            ],
          },
          {
            type: 'AdverseEvent',
            interaction: ['read', 'search-type'].map((code) => ({ code })),
            versioning: 'versioned',
            readHistory: false,
            conditionalRead: 'not-match',
            searchParam: [...paging, reference('subject', 'Needed'), { name: 'date', type: 'date' }],
          },
        ],
      },
    ],
  };
}
