<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE" sourcelanguage="en">
  <context>
    <name>AdapterStep</name>
    <message>
      <source> mm</source>
      <translation> mm</translation>
    </message>
    <message>
      <source>Adapters on this computer. Double-click one to use it.</source>
      <translation>Adapter auf diesem Rechner. Ein Doppelklick verwendet einen.</translation>
    </message>
    <message>
      <source>Adapters that others have published in a folder or on a web server.</source>
      <translation>Adapter, die andere in einem Ordner oder auf einem Webserver veröffentlicht haben.</translation>
    </message>
    <message>
      <source>Add an adapter from a file that was exported.</source>
      <translation>Einen Adapter aus einer exportierten Datei hinzufügen.</translation>
    </message>
    <message>
      <source>Add the selected adapter to those on this computer. Stop keeps what has come from a web server, and the next time goes on from there.</source>
      <translation>Den ausgewählten Adapter auf diesen Rechner holen. Stopp behält, was vom Webserver schon da ist; das nächste Mal geht es dort weiter.</translation>
    </message>
    <message>
      <source>Address (https://...) or folder, as whoever publishes there has told it.</source>
      <translation>Adresse (https://...) oder Ordner, wie vom Herausgeber genannt.</translation>
    </message>
    <message>
      <source>Browse</source>
      <translation>Durchsehen</translation>
    </message>
    <message>
      <source>Cells of the study that are done. A cell is one model, trained and tested.</source>
      <translation>Fertige Zellen der Studie. Eine Zelle ist ein Modell, trainiert und geprüft.</translation>
    </message>
    <message>
      <source>Choose a folder in place of an address.</source>
      <translation>Statt einer Adresse einen Ordner wählen.</translation>
    </message>
    <message>
      <source>Classes</source>
      <translation>Klassen</translation>
    </message>
    <message>
      <source>Compare the segmentation chosen at the top with the reference: Dice, IoU, HD95 and NSD of each structure.</source>
      <translation>Die oben gewählte Segmentierung mit der Referenz vergleichen: Dice, IoU, HD95 und NSD jeder Struktur.</translation>
    </message>
    <message>
      <source>Date</source>
      <translation>Datum</translation>
    </message>
    <message>
      <source>Delete the selected adapter from this computer.</source>
      <translation>Den ausgewählten Adapter von diesem Rechner löschen.</translation>
    </message>
    <message>
      <source>Delete...</source>
      <translation>Löschen...</translation>
    </message>
    <message>
      <source>Description of your own (TOML). samadapt study PRESET --show prints one to begin with.</source>
      <translation>Eigene Beschreibung (TOML). samadapt study PRESET --show gibt eine als Anfang aus.</translation>
    </message>
    <message>
      <source>Description:</source>
      <translation>Beschreibung:</translation>
    </message>
    <message>
      <source>Design:</source>
      <translation>Aufbau:</translation>
    </message>
    <message>
      <source>Dice</source>
      <translation>Dice</translation>
    </message>
    <message>
      <source>Do what is left of the study, beside the application. Stop keeps all that is finished, and the next run goes on from there, also after a restart.</source>
      <translation>Erledigt, was von der Studie noch fehlt, neben der Anwendung. Stopp behält alles Fertige, und der nächste Lauf setzt dort fort, auch nach einem Neustart.</translation>
    </message>
    <message>
      <source>Evaluate the segmentation</source>
      <translation>Segmentierung bewerten</translation>
    </message>
    <message>
      <source>Export...</source>
      <translation>Exportieren...</translation>
    </message>
    <message>
      <source>Fetch</source>
      <translation>Holen</translation>
    </message>
    <message>
      <source>Folder for the results and all that is trained. What is finished there stays, and a run goes on where the last one was.</source>
      <translation>Ordner für die Ergebnisse und alles Trainierte. Was darin fertig ist, bleibt, und ein Lauf setzt fort, wo der letzte war.</translation>
    </message>
    <message>
      <source>Folder...</source>
      <translation>Ordner...</translation>
    </message>
    <message>
      <source>Give the selected adapter another name.</source>
      <translation>Dem ausgewählten Adapter einen anderen Namen geben.</translation>
    </message>
    <message>
      <source>How much of the adapter has come.</source>
      <translation>Wie viel des Adapters schon da ist.</translation>
    </message>
    <message>
      <source>Import...</source>
      <translation>Importieren...</translation>
    </message>
    <message>
      <source>List what is published there.</source>
      <translation>Auflisten, was dort veröffentlicht ist.</translation>
    </message>
    <message>
      <source>Method</source>
      <translation>Methode</translation>
    </message>
    <message>
      <source>Model card of the selected adapter.</source>
      <translation>Modellkarte des ausgewählten Adapters.</translation>
    </message>
    <message>
      <source>Name</source>
      <translation>Name</translation>
    </message>
    <message>
      <source>Output folder:</source>
      <translation>Ausgabeordner:</translation>
    </message>
    <message>
      <source>Points, boxes, boxes with a click and propagation on slices that the training held out, answered with the base weights and with the adapter. A plain point is answered by the adapter alone, without a box grown from the point.</source>
      <translation>Punkte, Rahmen, Rahmen mit Klick und Weitertragen auf Schichten, die das Training zurückgehalten hat, beantwortet mit den Basisgewichten und mit dem Adapter. Einen einfachen Punkt beantwortet der Adapter allein, ohne einen Rahmen, der aus dem Punkt wächst.</translation>
    </message>
    <message>
      <source>Published adapters</source>
      <translation>Veröffentlichte Adapter</translation>
    </message>
    <message>
      <source>Put the segmentation chosen at the top into the DICOM database, as a DICOM segmentation beside the series of its volume, which has to come from there. It says whose it is, as the series does.</source>
      <translation>Die oben gewählte Segmentierung als DICOM-Segmentierung in die DICOM-Datenbank legen, neben die Serie ihres Volumens, das von dort kommen muss. Sie nennt den Patienten wie die Serie.</translation>
    </message>
    <message>
      <source>Reference:</source>
      <translation>Referenz:</translation>
    </message>
    <message>
      <source>Refuse what has been signed by none of the keys in your folder of trusted keys; see the tutorial.</source>
      <translation>Ablehnen, was mit keinem der Schlüssel im Ordner Ihrer vertrauten Schlüssel signiert ist; siehe Tutorial.</translation>
    </message>
    <message>
      <source>Rename...</source>
      <translation>Umbenennen...</translation>
    </message>
    <message>
      <source>Results; each further evaluation adds its rows.</source>
      <translation>Ergebnisse; jede weitere Bewertung fügt ihre Zeilen hinzu.</translation>
    </message>
    <message>
      <source>Run study</source>
      <translation>Studie starten</translation>
    </message>
    <message>
      <source>Save the segmentation as DICOM SEG</source>
      <translation>Segmentierung als DICOM SEG speichern</translation>
    </message>
    <message>
      <source>Scans (CSV):</source>
      <translation>Aufnahmen (CSV):</translation>
    </message>
    <message>
      <source>Segment with the base model, without an adapter.</source>
      <translation>Mit dem Basismodell segmentieren, ohne Adapter.</translation>
    </message>
    <message>
      <source>Segment with the selected adapter from now on.</source>
      <translation>Von jetzt an mit dem ausgewählten Adapter segmentieren.</translation>
    </message>
    <message>
      <source>Segmentation that counts as right. Structures are matched by name.</source>
      <translation>Segmentierung, die als richtig gilt. Strukturen werden nach Namen zugeordnet.</translation>
    </message>
    <message>
      <source>Select a segmentation</source>
      <translation>Segmentierung auswählen</translation>
    </message>
    <message>
      <source>Show report</source>
      <translation>Bericht zeigen</translation>
    </message>
    <message>
      <source>Signed by a key that I trust only</source>
      <translation>Nur vertraute Signaturen</translation>
    </message>
    <message>
      <source>Spread of the results over all evaluated cases.</source>
      <translation>Streuung der Ergebnisse über alle bewerteten Fälle.</translation>
    </message>
    <message>
      <source>Study</source>
      <translation>Studie</translation>
    </message>
    <message>
      <source>Surface distance that the normalised surface Dice (NSD) forgives.</source>
      <translation>Oberflächenabstand, den der normalisierte Oberflächen-Dice (NSD) verzeiht.</translation>
    </message>
    <message>
      <source>Table of your scans with the columns image, labels, patient and split (train or test). Left empty, that of the description counts.</source>
      <translation>Tabelle Ihrer Aufnahmen mit den Spalten image, labels, patient und split (train oder test). Bleibt sie leer, gilt die der Beschreibung.</translation>
    </message>
    <message>
      <source>The adapter that the Segment Editor effect and the console use.</source>
      <translation>Der Adapter, den der Effekt des Segment-Editors und die Konsole verwenden.</translation>
    </message>
    <message>
      <source>Tolerance:</source>
      <translation>Toleranz:</translation>
    </message>
    <message>
      <source>Train and test models on many scans, on few and on many labelled slices, with several seeds, and compare them in one report.</source>
      <translation>Modelle auf vielen Aufnahmen, auf wenigen und auf vielen beschrifteten Schichten trainieren und prüfen, mit mehreren Startwerten, und in einem Bericht vergleichen.</translation>
    </message>
    <message>
      <source>Use</source>
      <translation>Verwenden</translation>
    </message>
    <message>
      <source>Use none</source>
      <translation>Keinen verwenden</translation>
    </message>
    <message>
      <source>Weights:</source>
      <translation>Gewichte:</translation>
    </message>
    <message>
      <source>What has come of it.</source>
      <translation>Was daraus geworden ist.</translation>
    </message>
    <message>
      <source>What is compared: a preset, which follows a paper's design, or a description of your own.</source>
      <translation>Was verglichen wird: eine Vorgabe, die dem Aufbau einer Veröffentlichung folgt, oder eine eigene Beschreibung.</translation>
    </message>
    <message>
      <source>What is published there. Dice is that on patients whom the training held out, as the model card tells it.</source>
      <translation>Was dort veröffentlicht ist. Dice ist der auf Patienten, die das Training zurückgehalten hat, laut Modellkarte.</translation>
    </message>
    <message>
      <source>What the study is doing, and about how long it takes.</source>
      <translation>Was die Studie gerade tut und wie lange es etwa dauert.</translation>
    </message>
    <message>
      <source>What was saved in the DICOM database, and what was not.</source>
      <translation>Was in der DICOM-Datenbank gespeichert wurde und was nicht.</translation>
    </message>
    <message>
      <source>Which weights answer where an adapter is in use.</source>
      <translation>Welche Gewichte antworten, wenn ein Adapter in Gebrauch ist.</translation>
    </message>
    <message>
      <source>Which weights answer where an adapter is in use: for each kind of prompt those that were better on slices that its training held out, or always the same ones.</source>
      <translation>Welche Gewichte antworten, wenn ein Adapter in Gebrauch ist: für jede Art von Eingabe die, die auf zurückgehaltenen Schichten besser waren, oder immer dieselben.</translation>
    </message>
    <message>
      <source>Who has signed the selected adapter, as is said there; whether that holds is found out when it is fetched. Then the terms under which it is handed on.</source>
      <translation>Wer den ausgewählten Adapter laut dortiger Angabe signiert hat; ob das stimmt, zeigt sich beim Holen. Danach die Bedingungen der Weitergabe.</translation>
    </message>
    <message>
      <source>Who has signed the selected adapter. Keys that you trust lie in a folder of your own; see the tutorial.</source>
      <translation>Wer den ausgewählten Adapter signiert hat. Vertraute Schlüssel liegen in einem eigenen Ordner; siehe Tutorial.</translation>
    </message>
    <message>
      <source>Write the report of what is there, also of a study that is still going on, and show it in the web browser.</source>
      <translation>Den Bericht über das Vorhandene schreiben, auch bei laufender Studie, und im Webbrowser zeigen.</translation>
    </message>
    <message>
      <source>Write the selected adapter and its model card into one file to pass on.</source>
      <translation>Den ausgewählten Adapter und seine Modellkarte zum Weitergeben in eine Datei schreiben.</translation>
    </message>
    <message>
      <source>https://... or a folder</source>
      <translation>https://... oder ein Ordner</translation>
    </message>
  </context>
  <context>
    <name>Channels</name>
    <message>
      <source>Another sequence of the same patient, which the model sees together with the volume. Kept with the volume.</source>
      <translation>Eine weitere Sequenz desselben Patienten, die das Modell zusammen mit dem Volumen sieht. Wird beim Volumen gemerkt.</translation>
    </message>
    <message>
      <source>Bring volumes that lie on another grid onto that of the first, by linear interpolation. The volumes themselves stay as they are.</source>
      <translation>Volumina auf anderem Gitter linear auf das des ersten umrechnen. Die Volumina selbst bleiben, wie sie sind.</translation>
    </message>
    <message>
      <source>One more. An adapter wants as many as it was trained with, in that order.</source>
      <translation>Ein weiteres. Ein Adapter braucht so viele, wie beim Training, in derselben Reihenfolge.</translation>
    </message>
    <message>
      <source>Resample where grids differ</source>
      <translation>Bei anderem Gitter umrechnen</translation>
    </message>
    <message>
      <source>nothing else</source>
      <translation>keines</translation>
    </message>
  </context>
  <context>
    <name>ComputerStep</name>
    <message>
      <source>Computer that segments in place of this one, as host:port; see "samadapt serve". Empty: this computer works by itself. Training stays on this computer.</source>
      <translation>Rechner, der anstelle von diesem segmentiert, als host:port; siehe "samadapt serve". Leer: dieser Rechner arbeitet selbst. Das Training bleibt auf diesem Rechner.</translation>
    </message>
    <message>
      <source>Delete</source>
      <translation>Löschen</translation>
    </message>
    <message>
      <source>Delete the embeddings that are kept on disk. Slices are then looked at anew, which takes a moment each.</source>
      <translation>Die auf der Platte behaltenen Embeddings löschen. Schichten werden dann neu betrachtet, was je einen Moment dauert.</translation>
    </message>
    <message>
      <source>Device:</source>
      <translation>Gerät:</translation>
    </message>
    <message>
      <source>File with the token that the server was started with.</source>
      <translation>Datei mit dem Token, mit dem der Server gestartet wurde.</translation>
    </message>
    <message>
      <source>Kept embeddings:</source>
      <translation>Behaltene Embeddings:</translation>
    </message>
    <message>
      <source>Server:</source>
      <translation>Server:</translation>
    </message>
    <message>
      <source>Token file:</source>
      <translation>Token-Datei:</translation>
    </message>
    <message>
      <source>What fine-tuning and segmenting run on, on this computer. Automatic takes a graphics card where there is one.</source>
      <translation>Worauf Feinabstimmung und Segmentieren auf diesem Rechner laufen. Automatisch nimmt eine Grafikkarte, wo es eine gibt.</translation>
    </message>
    <message>
      <source>What the model has seen of slices, kept so that they need not be looked at again. It can be deleted at any time.</source>
      <translation>Was das Modell von Schichten gesehen hat, behalten, damit es sie nicht neu betrachten muss. Es kann jederzeit gelöscht werden.</translation>
    </message>
    <message>
      <source>Where slices are segmented.</source>
      <translation>Wo Schichten segmentiert werden.</translation>
    </message>
    <message>
      <source>none: this computer</source>
      <translation>keiner: dieser Rechner</translation>
    </message>
  </context>
  <context>
    <name>ExemplarStep</name>
    <message>
      <source> mm</source>
      <translation> mm</translation>
    </message>
    <message>
      <source> slices</source>
      <translation> Schichten</translation>
    </message>
    <message>
      <source>Add all ticked suggestions to the library.</source>
      <translation>Alle angekreuzten Vorschläge der Bibliothek hinzufügen.</translation>
    </message>
    <message>
      <source>Add as background</source>
      <translation>Als Hintergrund hinzufügen</translation>
    </message>
    <message>
      <source>Add current slice</source>
      <translation>Aktuelle Schicht hinzufügen</translation>
    </message>
    <message>
      <source>Add ticked slices</source>
      <translation>Angekreuzte Schichten hinzufügen</translation>
    </message>
    <message>
      <source>Blank beyond:</source>
      <translation>Ausblenden ab:</translation>
    </message>
    <message>
      <source>Copy the shown slice as one without any label: synthesis pastes organs onto it, and training learns from it what is not there.</source>
      <translation>Die gezeigte Schicht als eine ohne jedes Label kopieren: Die Synthese setzt Organe darauf ein, und das Training lernt daraus, was nicht da ist.</translation>
    </message>
    <message>
      <source>Copy the slice shown in the slice view into the library, with the labels of the segmentation. If the library has that slice already, the labels as they are now take the place of the earlier ones.</source>
      <translation>Die in der Schichtansicht gezeigte Schicht in die Bibliothek kopieren, mit den Labels der Segmentierung. Hat die Bibliothek diese Schicht schon, treten die jetzigen Labels an die Stelle der früheren.</translation>
    </message>
    <message>
      <source>Delete the selected exemplars from the library folder.</source>
      <translation>Die ausgewählten Beispiele aus dem Bibliotheksordner löschen.</translation>
    </message>
    <message>
      <source>Direction in which the slices are stacked. All exemplars of one library should share it.</source>
      <translation>Richtung, in der die Schichten gestapelt sind. Alle Beispiele einer Bibliothek sollten sie teilen.</translation>
    </message>
    <message>
      <source>Find</source>
      <translation>Suchen</translation>
    </message>
    <message>
      <source>Folder of the exemplar library. It holds pixels and labels only, nothing that names a patient.</source>
      <translation>Ordner der Beispielbibliothek. Er enthält nur Pixel und Labels, nichts, was einen Patienten nennt.</translation>
    </message>
    <message>
      <source>Grey levels:</source>
      <translation>Graustufen:</translation>
    </message>
    <message>
      <source>How many slices to name, the one that would add most first.</source>
      <translation>Wie viele Schichten genannt werden; zuerst die, die am meisten beitrüge.</translation>
    </message>
    <message>
      <source>How many slices to suggest.</source>
      <translation>Wie viele Schichten vorgeschlagen werden.</translation>
    </message>
    <message>
      <source>Library folder:</source>
      <translation>Bibliotheksordner:</translation>
    </message>
    <message>
      <source>Look through volumes that need no labels, and name the slices worth labelling next: those that stand for many which no exemplar is like, where the structures are expected, with what the adapter in use doubts. It takes the better part of a second a slice, 120 slices at most.</source>
      <translation>Volumina durchsehen, die keine Labels brauchen, und die Schichten nennen, deren Beschriftung sich als Nächstes lohnt: solche, die für viele stehen, denen kein Beispiel gleicht, wo die Strukturen zu erwarten sind, und woran der verwendete Adapter zweifelt. Das dauert knapp eine Sekunde je Schicht, bei höchstens 120 Schichten.</translation>
    </message>
    <message>
      <source>Neighbours:</source>
      <translation>Nachbarn:</translation>
    </message>
    <message>
      <source>Number of exemplars for each class.</source>
      <translation>Anzahl der Beispiele je Klasse.</translation>
    </message>
    <message>
      <source>Optional, stored as a hash</source>
      <translation>Optional, als Hash gespeichert</translation>
    </message>
    <message>
      <source>Optional: any text that is the same for all scans of one patient, so that validation never sees a patient of the training. Only a salted hash of it is stored.</source>
      <translation>Optional: ein beliebiger Text, der für alle Aufnahmen eines Patienten gleich ist, damit die Validierung nie einen Patienten des Trainings sieht. Gespeichert wird nur ein gesalzener Hash davon.</translation>
    </message>
    <message>
      <source>Patient:</source>
      <translation>Patient:</translation>
    </message>
    <message>
      <source>Pixels of a head can show a face. What is farther than this from the labels on each slice is blanked; a label near the face keeps the face. A library that was begun so goes on so.</source>
      <translation>Pixel eines Kopfes können ein Gesicht zeigen. Was auf jeder Schicht weiter als dies von den Labels entfernt ist, wird ausgeblendet; ein Label nahe am Gesicht behält das Gesicht. Eine so begonnene Bibliothek wird so weitergeführt.</translation>
    </message>
    <message>
      <source>Remove selected</source>
      <translation>Auswahl entfernen</translation>
    </message>
    <message>
      <source>Slice axis:</source>
      <translation>Schichtachse:</translation>
    </message>
    <message>
      <source>Slices looked at. Stop ends it; what the model has seen is kept, and a next call is faster.</source>
      <translation>Betrachtete Schichten. Stopp beendet es; was das Modell gesehen hat, bleibt, und der nächste Aufruf ist schneller.</translation>
    </message>
    <message>
      <source>Slices on each side to keep with every exemplar, for methods that see a stack of slices (Medical SAM Adapter with depth). 0 for all other methods.</source>
      <translation>Schichten auf jeder Seite, die mit jedem Beispiel behalten werden, für Methoden, die einen Schichtstapel sehen (Medical SAM Adapter mit Tiefe). 0 für alle anderen Methoden.</translation>
    </message>
    <message>
      <source>Slices that nobody has labelled yet, and that would add most to the library.</source>
      <translation>Schichten, die noch niemand beschriftet hat und die der Bibliothek am meisten brächten.</translation>
    </message>
    <message>
      <source>Slices worth labelling next, and why. Click one to show it in the slice views.</source>
      <translation>Schichten, deren Beschriftung sich lohnt, und warum. Ein Klick zeigt sie in den Schichtansichten.</translation>
    </message>
    <message>
      <source>Suggest labelled slices of this volume as exemplars.</source>
      <translation>Beschriftete Schichten dieses Volumens als Beispiele vorschlagen.</translation>
    </message>
    <message>
      <source>Suggest next slice</source>
      <translation>Nächste Schicht vorschlagen</translation>
    </message>
    <message>
      <source>Suggest:</source>
      <translation>Vorschlagen:</translation>
    </message>
    <message>
      <source>Suggested slices: click one to show it, untick those that should not be added.</source>
      <translation>Vorgeschlagene Schichten: Ein Klick zeigt sie; kreuzen Sie ab, was nicht hinzugefügt werden soll.</translation>
    </message>
    <message>
      <source>The exemplars, labels in colour. Select some to remove them.</source>
      <translation>Die Beispiele, Labels in Farbe. Zum Entfernen auswählen.</translation>
    </message>
    <message>
      <source>The library is empty.</source>
      <translation>Die Bibliothek ist leer.</translation>
    </message>
    <message>
      <source>Unlabelled:</source>
      <translation>Ohne Labels:</translation>
    </message>
    <message>
      <source>What became of the slices that were added last.</source>
      <translation>Was aus den zuletzt hinzugefügten Schichten geworden ist.</translation>
    </message>
    <message>
      <source>Where to look: in all volumes of the scene that are CT as the one at the top is, or no CT as it is not; or in that one only.</source>
      <translation>Wo gesucht wird: in allen Volumina der Szene, die wie das oben CT sind oder wie jenes kein CT; oder nur in diesem.</translation>
    </message>
    <message>
      <source>library: as the exemplars that are there already, or chosen from the voxel values for the first one. displayed: the window and level of the slice views.</source>
      <translation>wie Bibliothek: wie die Beispiele, die schon da sind, oder beim ersten aus den Voxelwerten gewählt. wie angezeigt: Fenster und Pegel der Schichtansichten.</translation>
    </message>
    <message>
      <source>nothing</source>
      <translation>nichts</translation>
    </message>
  </context>
  <context>
    <name>SAMAdapt</name>
    <message>
      <source>1. Exemplars</source>
      <translation>1. Beispiele</translation>
    </message>
    <message>
      <source>2. Synthesis</source>
      <translation>2. Synthese</translation>
    </message>
    <message>
      <source>3. Fine-tune</source>
      <translation>3. Feinabstimmung</translation>
    </message>
    <message>
      <source>4. Use and evaluate</source>
      <translation>4. Verwenden und bewerten</translation>
    </message>
    <message>
      <source>Adapt a base model to the exemplars on this computer.</source>
      <translation>Ein Basismodell auf diesem Rechner an die Beispiele anpassen.</translation>
    </message>
    <message>
      <source>Adapts Segment Anything models to your anatomy with a handful of labelled slices, on this computer. Prompts are given with the effect SAM Adapt of the Segment Editor.</source>
      <translation>Passt Segment-Anything-Modelle mit einer Handvoll beschrifteter Schichten auf diesem Rechner an Ihre Anatomie an. Eingaben macht man mit dem Effekt SAM Adapt des Segment-Editors.</translation>
    </message>
    <message>
      <source>All loaded volumes</source>
      <translation>Alle geladenen Volumina</translation>
    </message>
    <message>
      <source>Choose an adapter and measure how well it segments.</source>
      <translation>Einen Adapter wählen und messen, wie gut er segmentiert.</translation>
    </message>
    <message>
      <source>Collect a handful of labelled slices in a folder.</source>
      <translation>Eine Handvoll beschrifteter Schichten in einem Ordner sammeln.</translation>
    </message>
    <message>
      <source>Fine-tuning follows Cheap Lunch for Medical Image Segmentation (Feng et al., arXiv 2308.14133); the base models are Segment Anything (Kirillov et al.), MedSAM and LiteMedSAM (Ma et al.), and MobileSAM (Zhang et al.).</source>
      <translation>Die Feinabstimmung folgt Cheap Lunch for Medical Image Segmentation (Feng et al., arXiv 2308.14133); die Basismodelle sind Segment Anything (Kirillov et al.), MedSAM und LiteMedSAM (Ma et al.) und MobileSAM (Zhang et al.).</translation>
    </message>
    <message>
      <source>How training slices are made from the exemplars.</source>
      <translation>Wie aus den Beispielen Trainingsschichten entstehen.</translation>
    </message>
    <message>
      <source>SAM Adapt</source>
      <translation>SAM Adapt</translation>
    </message>
    <message>
      <source>Segment all loaded volumes, one after the other.</source>
      <translation>Alle geladenen Volumina segmentieren, eines nach dem anderen.</translation>
    </message>
    <message>
      <source>Segmentation</source>
      <translation>Segmentierung</translation>
    </message>
    <message>
      <source>Segmentation:</source>
      <translation>Segmentierung:</translation>
    </message>
    <message>
      <source>Select a segmentation</source>
      <translation>Segmentierung auswählen</translation>
    </message>
    <message>
      <source>Select a volume</source>
      <translation>Volumen auswählen</translation>
    </message>
    <message>
      <source>The scan to take slices from and to segment.</source>
      <translation>Die Aufnahme, aus der Schichten genommen und die segmentiert wird.</translation>
    </message>
    <message>
      <source>The segmentation that belongs to the volume: source of exemplars, and what is evaluated.</source>
      <translation>Die Segmentierung, die zum Volumen gehört: Quelle der Beispiele und was bewertet wird.</translation>
    </message>
    <message>
      <source>This computer</source>
      <translation>Dieser Rechner</translation>
    </message>
    <message>
      <source>Volume:</source>
      <translation>Volumen:</translation>
    </message>
    <message>
      <source>What the work runs on, and what is kept on disk.</source>
      <translation>Worauf gerechnet wird und was auf der Platte behalten wird.</translation>
    </message>
  </context>
  <context>
    <name>SegmentEditorSAMAdapt</name>
    <message>
      <source> slices</source>
      <translation> Schichten</translation>
    </message>
    <message>
      <source> slices missed</source>
      <translation> Schichten ohne Fund</translation>
    </message>
    <message>
      <source>+ Object</source>
      <translation>+ Objekt</translation>
    </message>
    <message>
      <source>A slice counts only if its mask overlaps the mask of the slice before by at least this much (intersection over union).</source>
      <translation>Eine Schicht zählt nur, wenn ihre Maske die der vorigen mindestens so weit überlappt (Schnitt durch Vereinigung).</translation>
    </message>
    <message>
      <source>Accept</source>
      <translation>Annehmen</translation>
    </message>
    <message>
      <source>Accept slice</source>
      <translation>Schicht annehmen</translation>
    </message>
    <message>
      <source>Accept the preview, and add all slices along this view on which you have set prompts for the selected segment: those that you have corrected after a propagation. What the library has of them already is replaced.</source>
      <translation>Die Vorschau annehmen und alle Schichten dieser Ansicht hinzufügen, auf denen Sie Eingaben für das gewählte Segment gemacht haben: die nach dem Weitertragen korrigierten. Was die Bibliothek davon schon hat, wird ersetzt.</translation>
    </message>
    <message>
      <source>Accept the preview, and add the slice last clicked on, as it is labelled now, to the exemplar library that adapters are trained on. If the library has that slice already, the labels as they are now take the place of the earlier ones. (X)</source>
      <translation>Die Vorschau annehmen und die zuletzt angeklickte Schicht, wie sie jetzt beschriftet ist, der Beispielbibliothek hinzufügen, mit der Adapter trainiert werden. Hat die Bibliothek diese Schicht schon, treten die jetzigen Labels an die Stelle der früheren. (X)</translation>
    </message>
    <message>
      <source>Accept, and begin another object of this segment with the next prompt, also on this slice.</source>
      <translation>Annehmen und mit der nächsten Eingabe ein weiteres Objekt dieses Segments beginnen, auch auf dieser Schicht.</translation>
    </message>
    <message>
      <source>Adapter:</source>
      <translation>Adapter:</translation>
    </message>
    <message>
      <source>Add prompted</source>
      <translation>Mit Eingaben</translation>
    </message>
    <message>
      <source>Add slice to exemplars</source>
      <translation>Schicht zu Beispielen</translation>
    </message>
    <message>
      <source>An adapter from the shelf, trained on few labelled slices. It brings its base model and its intensity mapping along.</source>
      <translation>Ein Adapter aus dem Regal, mit wenigen beschrifteten Schichten trainiert. Er bringt sein Basismodell und seine Grauwertabbildung mit.</translation>
    </message>
    <message>
      <source>Auto</source>
      <translation>Auto</translation>
    </message>
    <message>
      <source>Base model. An adapter brings its own.</source>
      <translation>Basismodell. Ein Adapter bringt sein eigenes mit.</translation>
    </message>
    <message>
      <source>Base model:</source>
      <translation>Basismodell:</translation>
    </message>
    <message>
      <source>Box</source>
      <translation>Rahmen</translation>
    </message>
    <message>
      <source>By the model's memory</source>
      <translation>Modellgedächtnis</translation>
    </message>
    <message>
      <source>Carry corrections on to the slices beside, as far as they change anything there.</source>
      <translation>Korrekturen zu den Schichten daneben weitertragen, soweit sie dort etwas ändern.</translation>
    </message>
    <message>
      <source>Carry on</source>
      <translation>Weitertragen</translation>
    </message>
    <message>
      <source>Carry the object from slice to slice, from every slice with prompts on it.</source>
      <translation>Das Objekt von Schicht zu Schicht weitertragen, ausgehend von jeder Schicht mit Eingaben.</translation>
    </message>
    <message>
      <source>Clicks mark the object. Ctrl+click marks what does not belong to it.</source>
      <translation>Klicks kennzeichnen das Objekt. Strg+Klick kennzeichnet, was nicht dazugehört.</translation>
    </message>
    <message>
      <source>Clicks mark what does not belong to the object.</source>
      <translation>Klicks kennzeichnen, was nicht zum Objekt gehört.</translation>
    </message>
    <message>
      <source>Continue from this segment</source>
      <translation>Dieses Segment weiterführen</translation>
    </message>
    <message>
      <source>Correct</source>
      <translation>Korrigieren</translation>
    </message>
    <message>
      <source>Device:</source>
      <translation>Gerät:</translation>
    </message>
    <message>
      <source>Drag a box around the object. A click without a drag is a point, whatever is chosen here.</source>
      <translation>Einen Rahmen um das Objekt ziehen. Ein Klick ohne Ziehen ist ein Punkt, gleich was hier gewählt ist.</translation>
    </message>
    <message>
      <source>Drag a line around the object; it closes itself when the button is released (L).</source>
      <translation>Eine Linie um das Objekt ziehen; beim Loslassen der Taste schließt sie sich (L).</translation>
    </message>
    <message>
      <source>Drag a line over the object; with Ctrl, or with Background, over what does not belong to it (S).</source>
      <translation>Eine Linie über das Objekt ziehen; mit Strg oder mit Hintergrund über das, was nicht dazugehört (S).</translation>
    </message>
    <message>
      <source>Drop</source>
      <translation>Verwerfen</translation>
    </message>
    <message>
      <source>Drop all prompts that are not accepted; while the model goes through the volume: stop and write nothing (Escape).</source>
      <translation>Alle nicht angenommenen Eingaben verwerfen; während das Modell durch das Volumen geht: anhalten und nichts schreiben (Escape).</translation>
    </message>
    <message>
      <source>End after:</source>
      <translation>Ende nach:</translation>
    </message>
    <message>
      <source>Find</source>
      <translation>Suchen</translation>
    </message>
    <message>
      <source>Fine-tuned on your exemplars.</source>
      <translation>Mit Ihren Beispielen feinabgestimmt.</translation>
    </message>
    <message>
      <source>Give up waiting; what goes through the volume writes what it has found so far.</source>
      <translation>Nicht länger warten; was durch das Volumen geht, schreibt das bisher Gefundene.</translation>
    </message>
    <message>
      <source>Grey levels:</source>
      <translation>Graustufen:</translation>
    </message>
    <message>
      <source>How many slices beyond the outermost prompts, in each direction.</source>
      <translation>Wie viele Schichten über die äußersten Eingaben hinaus, in jeder Richtung.</translation>
    </message>
    <message>
      <source>How many slices beyond the outermost prompts.</source>
      <translation>Wie viele Schichten über die äußersten Eingaben hinaus.</translation>
    </message>
    <message>
      <source>In both directions.</source>
      <translation>In beide Richtungen.</translation>
    </message>
    <message>
      <source>Lasso</source>
      <translation>Lasso</translation>
    </message>
    <message>
      <source>Least overlap:</source>
      <translation>Überlappung ab:</translation>
    </message>
    <message>
      <source>Look for what these words name on all slices, and add it to the selected segment.</source>
      <translation>Auf allen Schichten suchen, was diese Wörter nennen, und dem gewählten Segment hinzufügen.</translation>
    </message>
    <message>
      <source>Mask:</source>
      <translation>Maske:</translation>
    </message>
    <message>
      <source>Mend a segment that is there already, whoever has made it.</source>
      <translation>Ein Segment ausbessern, das schon da ist, gleich wer es gemacht hat.</translation>
    </message>
    <message>
      <source>New object</source>
      <translation>Neues Objekt</translation>
    </message>
    <message>
      <source>On: clicks, boxes and lines mend what the selected segment has on a slice, also where another tool has drawn it, and are written at once. One undo takes each back. New object ends it.</source>
      <translation>An: Klicks, Rahmen und Linien bessern aus, was das gewählte Segment auf einer Schicht hat, auch wo ein anderes Werkzeug es gezeichnet hat, und werden gleich geschrieben. Rückgängig nimmt jede zurück. Neues Objekt beendet es.</translation>
    </message>
    <message>
      <source>On: the answer is shown half-transparent, and Enter writes it. Off: each prompt is written at once, and replaces what these prompts had written before.</source>
      <translation>An: Die Antwort wird halb durchsichtig gezeigt, und die Eingabetaste schreibt sie. Aus: Jede Eingabe wird sofort geschrieben und ersetzt, was diese Eingaben zuvor geschrieben hatten.</translation>
    </message>
    <message>
      <source>One click may mean a part or the whole. Automatic takes the mask in which the model trusts most.</source>
      <translation>Ein Klick kann einen Teil oder das Ganze meinen. Automatisch nimmt die Maske, der das Modell am meisten traut.</translation>
    </message>
    <message>
      <source>Preview before writing</source>
      <translation>Vorschau vor dem Schreiben</translation>
    </message>
    <message>
      <source>Propagate</source>
      <translation>Weitertragen</translation>
    </message>
    <message>
      <source>Reach:</source>
      <translation>Reichweite:</translation>
    </message>
    <message>
      <source>Scribble</source>
      <translation>Strich</translation>
    </message>
    <message>
      <source>Segment the whole volume with no click: all that the adapter finds by itself. Each class is added to the segment of its name, which is made where there is none. One undo takes all of it back.</source>
      <translation>Das ganze Volumen ohne Klick segmentieren: alles, was der Adapter von selbst findet. Jede Klasse kommt in das Segment ihres Namens, das angelegt wird, wo es fehlt. Einmal Rückgängig nimmt alles zurück.</translation>
    </message>
    <message>
      <source>Slices</source>
      <translation>Schichten</translation>
    </message>
    <message>
      <source>Slices with prompts, and those found from them. The bar is the overlap (IoU) that the model expects; orange is worth a look. The keys [ and ] go to the previous and the next one with prompts or doubt.</source>
      <translation>Schichten mit Eingaben und die daraus gefundenen. Der Balken ist die Überlappung (IoU), die das Modell erwartet; Orange lohnt einen Blick. Die Tasten [ und ] führen zur vorigen und nächsten mit Eingaben oder Zweifeln.</translation>
    </message>
    <message>
      <source>Stop</source>
      <translation>Stopp</translation>
    </message>
    <message>
      <source>Stop rule.</source>
      <translation>Abbruchregel.</translation>
    </message>
    <message>
      <source>Take the last point, box or line back (Backspace).</source>
      <translation>Letzten Punkt, Rahmen oder Strich zurücknehmen (Rücktaste).</translation>
    </message>
    <message>
      <source>The model is at work.</source>
      <translation>Das Modell arbeitet.</translation>
    </message>
    <message>
      <source>The slice last clicked on or pointed at is right as it is: nothing of SAM Adapt changes it for this segment. A padlock marks it in the views. Once more: release it. (K)</source>
      <translation>Die zuletzt angeklickte oder gezeigte Schicht ist richtig, wie sie ist: SAM Adapt ändert sie für dieses Segment nicht mehr. Ein Schloss kennzeichnet sie in den Ansichten. Noch einmal: gibt sie frei. (K)</translation>
    </message>
    <message>
      <source>The way ends where so many slices in a row break a rule.</source>
      <translation>Der Weg endet, wo so viele Schichten hintereinander eine Regel verletzen.</translation>
    </message>
    <message>
      <source>Towards the feet (axial), the back (coronal) or the left (sagittal).</source>
      <translation>Zu den Füßen (axial), nach hinten (koronal) oder links (sagittal).</translation>
    </message>
    <message>
      <source>Towards the head (axial), the front (coronal) or the right (sagittal).</source>
      <translation>Zum Kopf (axial), nach vorn (koronal) oder rechts (sagittal).</translation>
    </message>
    <message>
      <source>Undo prompt</source>
      <translation>Eingabe zurück</translation>
    </message>
    <message>
      <source>Weights:</source>
      <translation>Gewichte:</translation>
    </message>
    <message>
      <source>What Find looks for, in words; the segment's name where this is left empty.</source>
      <translation>Wonach Suchen sucht, in Worten; der Name des Segments, wenn dies leer bleibt.</translation>
    </message>
    <message>
      <source>What segments. Larger models take longer for a slice that is shown for the first time.</source>
      <translation>Was segmentiert. Größere Modelle brauchen länger für eine Schicht, die zum ersten Mal gezeigt wird.</translation>
    </message>
    <message>
      <source>What the model remembers of other slices carries the object, as through a video, and not the mask of the slice before. The rules hold as well.</source>
      <translation>Das Objekt trägt weiter, was das Modell von anderen Schichten behält, wie durch ein Video, und nicht die Maske der vorigen Schicht. Die Regeln gelten auch dann.</translation>
    </message>
    <message>
      <source>What the model runs on. Automatic takes a graphics card where there is one.</source>
      <translation>Worauf das Modell läuft. Automatisch nimmt eine Grafikkarte, wo es eine gibt.</translation>
    </message>
    <message>
      <source>What the model runs on. Automatic takes a graphics card where there is one. Kept for this computer.</source>
      <translation>Worauf das Modell läuft. Automatisch nimmt eine Grafikkarte, wo es eine gibt. Wird für diesen Rechner gemerkt.</translation>
    </message>
    <message>
      <source>Which of the model's answers is taken.</source>
      <translation>Welche der Antworten des Modells genommen wird.</translation>
    </message>
    <message>
      <source>Which values become black and white for the model.</source>
      <translation>Welche Werte für das Modell schwarz und weiß werden.</translation>
    </message>
    <message>
      <source>Which values become black and white for the model. Choose an entry, or type window:LEVEL/WIDTH, percentile:LOW/HIGH or minmax.</source>
      <translation>Welche Werte für das Modell schwarz und weiß werden. Einen Eintrag wählen oder window:LEVEL/WIDTH, percentile:LOW/HIGH oder minmax eingeben.</translation>
    </message>
    <message>
      <source>Which weights answer where there is an adapter.</source>
      <translation>Welche Gewichte antworten, wenn es einen Adapter gibt.</translation>
    </message>
    <message>
      <source>Which weights answer where there is an adapter. On slices that its training held out, points, boxes, boxes with clicks and propagation were tried with the adapted and with the base weights; usually each is answered by those that were better there.</source>
      <translation>Welche Gewichte antworten, wenn es einen Adapter gibt. Auf zurückgehaltenen Schichten wurden Punkte, Rahmen, Rahmen mit Klicks und Weitertragen mit den angepassten und mit den Basisgewichten versucht; meist antworten auf jedes die, die dort besser waren.</translation>
    </message>
    <message>
      <source>Whole volume without clicks</source>
      <translation>Ganzes Volumen ohne Klicks</translation>
    </message>
    <message>
      <source>Write the preview to the segment (Enter). Editable area, intensity range and overwriting are those of the Segment Editor's masking.</source>
      <translation>Die Vorschau in das Segment schreiben (Eingabetaste). Bearbeitbarer Bereich, Intensitätsbereich und Überschreiben sind die der Maskierung des Segment-Editors.</translation>
    </message>
    <message>
      <source>to the end of the volume</source>
      <translation>bis zum Ende</translation>
    </message>
    <message>
      <source>− Background</source>
      <translation>− Hintergrund</translation>
    </message>
    <message>
      <source>▲ Up</source>
      <translation>▲ Aufwärts</translation>
    </message>
    <message>
      <source>▼ Down</source>
      <translation>▼ Abwärts</translation>
    </message>
    <message>
      <source>▼▲ Both</source>
      <translation>▼▲ Beide</translation>
    </message>
  </context>
  <context>
    <name>SegmentEditorSAMAdaptLib.SegmentEditorEffect</name>
    <message>
      <source>&lt;html&gt;
&lt;p&gt;Segment by clicks, boxes and lines with a Segment Anything model, adapted to your data where an adapter is chosen.
Works in all slice views, oblique ones too.&lt;/p&gt;
&lt;ul style="margin: 0"&gt;
{shortcuts}
&lt;li&gt;&lt;b&gt;New object:&lt;/b&gt; begin another one on the same slice.
&lt;/ul&gt;
&lt;p&gt;Accepted prompts are kept with the segment; further clicks on that slice go on with them. Propagate carries the
object from all slices with prompts through the volume. What may be written is set under &lt;i&gt;Masking&lt;/i&gt;.&lt;/p&gt;
&lt;p&gt;Adapters trained for it segment the whole volume without prompts: &lt;b&gt;Auto&lt;/b&gt; everything that they know, each class
into the segment of its name; &lt;b&gt;Find&lt;/b&gt; what you name in words, into the selected segment.&lt;/p&gt;
&lt;/html&gt;</source>
      <translation>&lt;html&gt;
&lt;p&gt;Segmentieren mit Klicks, Rahmen und Linien durch ein Segment-Anything-Modell, an Ihre Daten angepasst, wo ein Adapter gewählt ist.
Geht in allen Schichtansichten, auch in schrägen.&lt;/p&gt;
&lt;ul style="margin: 0"&gt;
{shortcuts}
&lt;li&gt;&lt;b&gt;Neues Objekt:&lt;/b&gt; ein weiteres auf derselben Schicht beginnen.
&lt;/ul&gt;
&lt;p&gt;Angenommene Eingaben bleiben beim Segment; weitere Klicks auf dieser Schicht setzen sie fort. Weitertragen führt das
Objekt von allen Schichten mit Eingaben durch das Volumen. Was geschrieben werden darf, steht unter &lt;i&gt;Maskierung&lt;/i&gt;.&lt;/p&gt;
&lt;p&gt;Dafür trainierte Adapter segmentieren das ganze Volumen ohne Eingaben: &lt;b&gt;Auto&lt;/b&gt; alles, was sie kennen, jede Klasse
in das Segment ihres Namens; &lt;b&gt;Suchen&lt;/b&gt; das, was Sie in Worten nennen, in das gewählte Segment.&lt;/p&gt;
&lt;/html&gt;</translation>
    </message>
    <message>
      <source>SAM Adapt</source>
      <translation>SAM Adapt</translation>
    </message>
  </context>
  <context>
    <name>SegmentEditorSAMAdaptLib.Workbench</name>
    <message>
      <source>Click again, it will be started anew</source>
      <translation>Noch einmal klicken; er wird neu gestartet</translation>
    </message>
    <message>
      <source>No segment is selected. Add or select a segment first.</source>
      <translation>Kein Segment ausgewählt. Zuerst eines hinzufügen oder auswählen.</translation>
    </message>
    <message>
      <source>Only along the volume's own slices: this view is oblique to them.</source>
      <translation>Nur entlang der Schichten des Volumens: Diese Ansicht liegt schräg zu ihnen.</translation>
    </message>
    <message>
      <source>Prompts have to wait while the model goes through the volume. Stop ends that.</source>
      <translation>Eingaben müssen warten, während das Modell durch das Volumen geht. Stopp beendet das.</translation>
    </message>
    <message>
      <source>Stopped. A download goes on where it was with the next click.</source>
      <translation>Angehalten. Mit dem nächsten Klick wird ein Herunterladen dort fortgesetzt, wo es war.</translation>
    </message>
    <message>
      <source>The model's process ended by itself ({last})</source>
      <translation>Der Prozess des Modells hat von selbst geendet ({last})</translation>
    </message>
  </context>
  <context>
    <name>SynthesisStep</name>
    <message>
      <source> mm</source>
      <translation> mm</translation>
    </message>
    <message>
      <source> slices</source>
      <translation> Schichten</translation>
    </message>
    <message>
      <source> °</source>
      <translation> °</translation>
    </message>
    <message>
      <source>Background moves:</source>
      <translation>Hintergrund bewegt sich:</translation>
    </message>
    <message>
      <source>Blur:</source>
      <translation>Unschärfe:</translation>
    </message>
    <message>
      <source>Brightness:</source>
      <translation>Helligkeit:</translation>
    </message>
    <message>
      <source>Contrast:</source>
      <translation>Kontrast:</translation>
    </message>
    <message>
      <source>Exemplars on the left, synthetic slices beside them, labels below.</source>
      <translation>Links Beispiele, daneben synthetische Schichten, darunter Labels.</translation>
    </message>
    <message>
      <source>Gamma:</source>
      <translation>Gamma:</translation>
    </message>
    <message>
      <source>How far organs and background may be moved, bent and tinted.</source>
      <translation>Wie weit Organe und Hintergrund verschoben, gebogen und getönt werden dürfen.</translation>
    </message>
    <message>
      <source>How many synthetic slices the preview shows.</source>
      <translation>Wie viele synthetische Schichten die Vorschau zeigt.</translation>
    </message>
    <message>
      <source>Longest shift:</source>
      <translation>Größte Verschiebung:</translation>
    </message>
    <message>
      <source>Mirror left-right:</source>
      <translation>Links-rechts spiegeln:</translation>
    </message>
    <message>
      <source>Mirror top-bottom:</source>
      <translation>Oben-unten spiegeln:</translation>
    </message>
    <message>
      <source>On bone:</source>
      <translation>Auf Knochen:</translation>
    </message>
    <message>
      <source>Organs pasted:</source>
      <translation>Eingesetzte Organe:</translation>
    </message>
    <message>
      <source>Outside the body:</source>
      <translation>Außerhalb des Körpers:</translation>
    </message>
    <message>
      <source>Preview</source>
      <translation>Vorschau</translation>
    </message>
    <message>
      <source>Put all transformations back to their defaults.</source>
      <translation>Alle Verformungen auf ihre Vorgaben zurücksetzen.</translation>
    </message>
    <message>
      <source>Reset to defaults</source>
      <translation>Auf Vorgaben zurücksetzen</translation>
    </message>
    <message>
      <source>Rotation:</source>
      <translation>Drehung:</translation>
    </message>
    <message>
      <source>Seed:</source>
      <translation>Startwert:</translation>
    </message>
    <message>
      <source>Shift:</source>
      <translation>Verschiebung:</translation>
    </message>
    <message>
      <source>Show some synthetic slices beside their exemplars.</source>
      <translation>Einige synthetische Schichten neben ihren Beispielen zeigen.</translation>
    </message>
    <message>
      <source>Size:</source>
      <translation>Größe:</translation>
    </message>
    <message>
      <source>Soft seam:</source>
      <translation>Weiche Naht:</translation>
    </message>
    <message>
      <source>Synthetic slices:</source>
      <translation>Synthetische Schichten:</translation>
    </message>
    <message>
      <source>Transformations</source>
      <translation>Verformungen</translation>
    </message>
    <message>
      <source>Whole slices:</source>
      <translation>Ganze Schichten:</translation>
    </message>
  </context>
  <context>
    <name>TrainingStep</name>
    <message>
      <source> min</source>
      <translation> min</translation>
    </message>
    <message>
      <source>Budget:</source>
      <translation>Budget:</translation>
    </message>
    <message>
      <source>Estimated memory of the training, and what is free.</source>
      <translation>Geschätzter Speicherbedarf des Trainings und was frei ist.</translation>
    </message>
    <message>
      <source>Go on with the stopped training of this name.</source>
      <translation>Das angehaltene Training dieses Namens fortsetzen.</translation>
    </message>
    <message>
      <source>Log of the training, at most a line a second.</source>
      <translation>Protokoll des Trainings, höchstens eine Zeile je Sekunde.</translation>
    </message>
    <message>
      <source>Method:</source>
      <translation>Methode:</translation>
    </message>
    <message>
      <source>Model:</source>
      <translation>Modell:</translation>
    </message>
    <message>
      <source>Name of the new adapter</source>
      <translation>Name des neuen Adapters</translation>
    </message>
    <message>
      <source>Name of the new adapter.</source>
      <translation>Name des neuen Adapters.</translation>
    </message>
    <message>
      <source>Name:</source>
      <translation>Name:</translation>
    </message>
    <message>
      <source>No training is running.</source>
      <translation>Es läuft kein Training.</translation>
    </message>
    <message>
      <source>Plot</source>
      <translation>Diagramm</translation>
    </message>
    <message>
      <source>Progress of the training.</source>
      <translation>Fortschritt des Trainings.</translation>
    </message>
    <message>
      <source>Resume</source>
      <translation>Fortsetzen</translation>
    </message>
    <message>
      <source>Show the plot of loss and Dice.</source>
      <translation>Das Diagramm von Verlust und Dice zeigen.</translation>
    </message>
    <message>
      <source>Start</source>
      <translation>Starten</translation>
    </message>
    <message>
      <source>Start the training in a process of its own; Slicer stays usable.</source>
      <translation>Das Training in einem eigenen Prozess starten; Slicer bleibt bedienbar.</translation>
    </message>
    <message>
      <source>State of the training.</source>
      <translation>Stand des Trainings.</translation>
    </message>
    <message>
      <source>Stop</source>
      <translation>Stopp</translation>
    </message>
    <message>
      <source>Train on synthetic slices too</source>
      <translation>Auch mit synthetischen Schichten trainieren</translation>
    </message>
    <message>
      <source>Validation:</source>
      <translation>Validierung:</translation>
    </message>
    <message>
      <source>Write a checkpoint and stop; the training can be resumed.</source>
      <translation>Einen Zwischenstand schreiben und anhalten; das Training lässt sich fortsetzen.</translation>
    </message>
  </context>
  <context>
    <name>VolumesStep</name>
    <message>
      <source>All classes: only with an adapter that finds objects by itself. Words: only with one that was trained with texts. Prompts: each object that was clicked or boxed with the effect SAM Adapt in a segmentation of the volume is carried through it.</source>
      <translation>Alle Klassen: nur mit einem Adapter, der Objekte von selbst findet. Wörter: nur mit einem, der mit Texten trainiert wurde. Eingaben: Jedes Objekt, das mit dem Effekt SAM Adapt in einer Segmentierung des Volumens angeklickt oder umrahmt wurde, wird hindurchgetragen.</translation>
    </message>
    <message>
      <source>Find:</source>
      <translation>Suchen:</translation>
    </message>
    <message>
      <source>Found</source>
      <translation>Gefunden</translation>
    </message>
    <message>
      <source>Make a table node of volumes in mL, mean values, slices and reasons, which Slicer saves with the scene or as .csv.</source>
      <translation>Einen Tabellenknoten mit Volumina in mL, Mittelwerten, Schichten und Gründen anlegen, den Slicer mit der Szene oder als .csv speichert.</translation>
    </message>
    <message>
      <source>Make a table of it</source>
      <translation>Tabelle daraus machen</translation>
    </message>
    <message>
      <source>Objects, with commas between them; each becomes a segment.</source>
      <translation>Objekte, durch Kommas getrennt; jedes wird ein Segment.</translation>
    </message>
    <message>
      <source>Put what was found in each volume that came from the DICOM database back into it, as a DICOM segmentation beside its series. It says whose it is, as the series does.</source>
      <translation>Was in jedem Volumen aus der DICOM-Datenbank gefunden wurde, dorthin zurücklegen, als DICOM-Segmentierung neben seiner Serie. Sie nennt den Patienten wie die Serie.</translation>
    </message>
    <message>
      <source>Save them as DICOM SEG</source>
      <translation>Als DICOM SEG speichern</translation>
    </message>
    <message>
      <source>Segment all volumes</source>
      <translation>Alle Volumina segmentieren</translation>
    </message>
    <message>
      <source>Segment one volume after the other beside the application, each into a segmentation of its own. One that fails costs no other. Stop leaves the one at hand as it is.</source>
      <translation>Ein Volumen nach dem anderen neben der Anwendung segmentieren, jedes in eine eigene Segmentierung. Eines, das misslingt, kostet kein anderes. Stopp lässt das laufende, wie es ist.</translation>
    </message>
    <message>
      <source>State</source>
      <translation>Stand</translation>
    </message>
    <message>
      <source>Volume</source>
      <translation>Volumen</translation>
    </message>
    <message>
      <source>Volumes that are done.</source>
      <translation>Fertige Volumina.</translation>
    </message>
    <message>
      <source>Volumes:</source>
      <translation>Volumina:</translation>
    </message>
    <message>
      <source>What has become of each volume. Double-click one to see it with what was found.</source>
      <translation>Was aus jedem Volumen geworden ist. Ein Doppelklick zeigt es mit dem Gefundenen.</translation>
    </message>
    <message>
      <source>What is looked for, with the adapter that is in use (step 4).</source>
      <translation>Wonach gesucht wird, mit dem verwendeten Adapter (Schritt 4).</translation>
    </message>
    <message>
      <source>What was saved in the DICOM database, and what was not.</source>
      <translation>Was in der DICOM-Datenbank gespeichert wurde und was nicht.</translation>
    </message>
    <message>
      <source>Which of the loaded greyscale volumes are segmented. One that is seen together with another is no scan of its own.</source>
      <translation>Welche der geladenen Graustufenvolumina segmentiert werden. Eines, das zusammen mit einem anderen gesehen wird, ist keine eigene Aufnahme.</translation>
    </message>
    <message>
      <source>Words:</source>
      <translation>Wörter:</translation>
    </message>
    <message>
      <source>liver, left kidney</source>
      <translation>liver, left kidney</translation>
    </message>
  </context>
  <context>
    <name>app.DeviceSelector</name>
    <message>
      <source>Automatic</source>
      <translation>Automatisch</translation>
    </message>
    <message>
      <source>CPU</source>
      <translation>CPU</translation>
    </message>
    <message>
      <source>{name} (not found)</source>
      <translation>{name} (nicht gefunden)</translation>
    </message>
    <message>
      <source>{title} ({name})</source>
      <translation>{title} ({name})</translation>
    </message>
  </context>
  <context>
    <name>app.Downloads</name>
    <message>
      <source>Choose it again to download it, or choose another model</source>
      <translation>Wählen Sie es noch einmal, um es herunterzuladen, oder wählen Sie ein anderes Modell</translation>
    </message>
    <message>
      <source>SAM Adapt</source>
      <translation>SAM Adapt</translation>
    </message>
    <message>
      <source>The model is being fetched: {done}</source>
      <translation>Das Modell wird geholt: {done}</translation>
    </message>
    <message>
      <source>The model is being fetched: {done} of {total}</source>
      <translation>Das Modell wird geholt: {done} von {total}</translation>
    </message>
    <message>
      <source>The model {title} is not on this computer</source>
      <translation>Das Modell {title} ist nicht auf diesem Rechner</translation>
    </message>
    <message>
      <source>The model {title} is not on this computer yet. Its weights take {size} (licence: {licence}). They are downloaded once and kept; a download that is stopped goes on where it was.

Download them now?</source>
      <translation>Das Modell {title} ist noch nicht auf diesem Rechner. Seine Gewichte brauchen {size} (Lizenz: {licence}). Sie werden einmal heruntergeladen und behalten; ein angehaltenes Herunterladen wird dort fortgesetzt, wo es war.

Jetzt herunterladen?</translation>
    </message>
    <message>
      <source>{count:.0f} MB</source>
      <translation>{count:.0f} MB</translation>
    </message>
    <message>
      <source>{count:.1f} GB</source>
      <translation>{count:.1f} GB</translation>
    </message>
  </context>
  <context>
    <name>app.Installation</name>
    <message>
      <source>A package was installed but cannot be loaded ({error})</source>
      <translation>Ein Paket wurde installiert, lässt sich aber nicht laden ({error})</translation>
    </message>
    <message>
      <source>Check the network and the free space, then try again; the application log tells more</source>
      <translation>Netz und freien Platz prüfen, dann noch einmal versuchen; das Anwendungsprotokoll sagt mehr</translation>
    </message>
    <message>
      <source>Install the PyTorch extension from the Extensions Manager and restart the application</source>
      <translation>Die Erweiterung PyTorch mit dem Erweiterungsmanager installieren und die Anwendung neu starten</translation>
    </message>
    <message>
      <source>Install the packages before the tests</source>
      <translation>Die Pakete vor den Tests installieren</translation>
    </message>
    <message>
      <source>Nothing is installed while the application is being tested</source>
      <translation>Während die Anwendung getestet wird, wird nichts installiert</translation>
    </message>
    <message>
      <source>Packages are missing after the installation</source>
      <translation>Nach der Installation fehlen Pakete</translation>
    </message>
    <message>
      <source>PyTorch for an NVIDIA graphics card takes several gigabytes instead.</source>
      <translation>PyTorch für eine NVIDIA-Grafikkarte braucht stattdessen mehrere Gigabyte.</translation>
    </message>
    <message>
      <source>Python packages are being downloaded and installed. This takes some minutes.</source>
      <translation>Python-Pakete werden heruntergeladen und installiert. Das dauert einige Minuten.</translation>
    </message>
    <message>
      <source>Restart the application and try again; the application log tells more</source>
      <translation>Die Anwendung neu starten und noch einmal versuchen; das Anwendungsprotokoll sagt mehr</translation>
    </message>
    <message>
      <source>Restart the application; where that does not help, uninstall PyTorch in the module PyTorch Utils and install it again for another computation backend, such as cpu</source>
      <translation>Die Anwendung neu starten; hilft das nicht, PyTorch im Modul PyTorch Utils deinstallieren und für ein anderes Rechen-Backend neu installieren, etwa cpu</translation>
    </message>
    <message>
      <source>SAM Adapt needs PyTorch, which the PyTorch extension installs</source>
      <translation>SAM Adapt braucht PyTorch, das die Erweiterung PyTorch installiert</translation>
    </message>
    <message>
      <source>SAM Adapt needs Python packages that are not installed</source>
      <translation>SAM Adapt braucht Python-Pakete, die nicht installiert sind</translation>
    </message>
    <message>
      <source>SAM Adapt needs these Python packages:</source>
      <translation>SAM Adapt braucht diese Python-Pakete:</translation>
    </message>
    <message>
      <source>The Python packages are being installed already</source>
      <translation>Die Python-Pakete werden schon installiert</translation>
    </message>
    <message>
      <source>The installation failed ({error})</source>
      <translation>Die Installation ist fehlgeschlagen ({error})</translation>
    </message>
    <message>
      <source>They are downloaded and installed into Slicer's Python. Continue?</source>
      <translation>Sie werden heruntergeladen und in das Python von Slicer installiert. Fortfahren?</translation>
    </message>
    <message>
      <source>Together they take about {total} MB on disk.</source>
      <translation>Zusammen brauchen sie etwa {total} MB auf der Platte.</translation>
    </message>
    <message>
      <source>Try again and agree to the installation</source>
      <translation>Noch einmal versuchen und der Installation zustimmen</translation>
    </message>
    <message>
      <source>Wait until that is done, then try again</source>
      <translation>Warten, bis das fertig ist, dann noch einmal versuchen</translation>
    </message>
  </context>
  <context>
    <name>app.Messages</name>
    <message>
      <source>An unexpected error occurred: {error}

Try again. If it comes back, the application log tells more (Help, Report a Bug).</source>
      <translation>Ein unerwarteter Fehler ist aufgetreten: {error}

Versuchen Sie es noch einmal. Kommt er wieder, sagt das Anwendungsprotokoll mehr (Hilfe, Fehler melden).</translation>
    </message>
    <message>
      <source>{hours} h {minutes} min</source>
      <translation>{hours} h {minutes} min</translation>
    </message>
    <message>
      <source>{minutes} min {seconds} s</source>
      <translation>{minutes} min {seconds} s</translation>
    </message>
    <message>
      <source>{seconds} s</source>
      <translation>{seconds} s</translation>
    </message>
  </context>
  <context>
    <name>app.ModelChoice</name>
    <message>
      <source>Choose a base model or an adapter first</source>
      <translation>Zuerst ein Basismodell oder einen Adapter wählen</translation>
    </message>
    <message>
      <source>No model is chosen</source>
      <translation>Kein Modell gewählt</translation>
    </message>
  </context>
  <context>
    <name>app.Polling</name>
    <message>
      <source>A newer request has replaced this one</source>
      <translation>Eine neuere Anfrage ist an die Stelle dieser getreten</translation>
    </message>
    <message>
      <source>Stopped on request</source>
      <translation>Auf Wunsch angehalten</translation>
    </message>
  </context>
  <context>
    <name>app.Settings</name>
    <message>
      <source>Cannot delete the embeddings ({error})</source>
      <translation>Die Embeddings lassen sich nicht löschen ({error})</translation>
    </message>
    <message>
      <source>Check the folder's permissions</source>
      <translation>Die Zugriffsrechte des Ordners prüfen</translation>
    </message>
    <message>
      <source>Choose the file with its token at This computer</source>
      <translation>Die Datei mit seinem Token unter Dieser Rechner wählen</translation>
    </message>
    <message>
      <source>The server needs a token</source>
      <translation>Der Server verlangt ein Token</translation>
    </message>
  </context>
  <context>
    <name>app.Titles</name>
    <message>
      <source>axial</source>
      <translation>axial</translation>
    </message>
    <message>
      <source>coronal</source>
      <translation>koronal</translation>
    </message>
    <message>
      <source>displayed</source>
      <translation>wie angezeigt</translation>
    </message>
    <message>
      <source>library</source>
      <translation>wie Bibliothek</translation>
    </message>
    <message>
      <source>sagittal</source>
      <translation>sagittal</translation>
    </message>
  </context>
  <context>
    <name>app.Weights</name>
    <message>
      <source>Always the adapter's</source>
      <translation>Immer die des Adapters</translation>
    </message>
    <message>
      <source>Always the base model's</source>
      <translation>Immer die des Basismodells</translation>
    </message>
    <message>
      <source>Better ones for each prompt</source>
      <translation>Je Eingabe die besseren</translation>
    </message>
    <message>
      <source>{text}.</source>
      <translation>{text}.</translation>
    </message>
  </context>
  <context>
    <name>console.Correction</name>
    <message>
      <source>Give points inside of it</source>
      <translation>Punkte innerhalb davon angeben</translation>
    </message>
    <message>
      <source>Give points=[(R, A, S, 0)] where something is wrong</source>
      <translation>points=[(R, A, S, 0)] angeben, wo etwas falsch ist</translation>
    </message>
    <message>
      <source>No prompt was given</source>
      <translation>Es wurde keine Eingabe gemacht</translation>
    </message>
    <message>
      <source>Segment a slice of it first</source>
      <translation>Zuerst eine Schicht davon segmentieren</translation>
    </message>
    <message>
      <source>The prompt lies outside the volume</source>
      <translation>Die Eingabe liegt außerhalb des Volumens</translation>
    </message>
    <message>
      <source>The segment is empty: there is nothing to correct</source>
      <translation>Das Segment ist leer: Es gibt nichts zu korrigieren</translation>
    </message>
  </context>
  <context>
    <name>console.DicomExport</name>
    <message>
      <source>Check the database in the module DICOM; or save it as .seg.nrrd</source>
      <translation>Die Datenbank im Modul DICOM prüfen; oder als .seg.nrrd speichern</translation>
    </message>
    <message>
      <source>Choose the volume as its source geometry, by the button beside the source volume in the Segment Editor</source>
      <translation>Das Volumen als Quellgeometrie wählen, mit dem Knopf neben dem Quellvolumen im Segment-Editor</translation>
    </message>
    <message>
      <source>Import its series in the module DICOM once more</source>
      <translation>Die Serie im Modul DICOM noch einmal importieren</translation>
    </message>
    <message>
      <source>Install Quantitative Reporting in the Extensions Manager and restart the application, or type slicer.util.pip_install("highdicom") in the Python console</source>
      <translation>Quantitative Reporting mit dem Erweiterungsmanager installieren und die Anwendung neu starten, oder slicer.util.pip_install("highdicom") in die Python-Konsole eingeben</translation>
    </message>
    <message>
      <source>Load its series in the module DICOM, and segment that; or save the segmentation as .seg.nrrd</source>
      <translation>Die Serie im Modul DICOM laden und diese segmentieren; oder die Segmentierung als .seg.nrrd speichern</translation>
    </message>
    <message>
      <source>Put both under the same one, or take it from both</source>
      <translation>Beide unter dieselbe stellen oder sie von beiden nehmen</translation>
    </message>
    <message>
      <source>Quantitative Reporting could not save the segmentation ({told})</source>
      <translation>Quantitative Reporting konnte die Segmentierung nicht speichern ({told})</translation>
    </message>
    <message>
      <source>Saving as DICOM SEG needs the extension Quantitative Reporting, or the Python package highdicom</source>
      <translation>Speichern als DICOM SEG braucht die Erweiterung Quantitative Reporting oder das Python-Paket highdicom</translation>
    </message>
    <message>
      <source>The DICOM database did not take the segmentation</source>
      <translation>Die DICOM-Datenbank hat die Segmentierung nicht angenommen</translation>
    </message>
    <message>
      <source>The DICOM database has only {there} of {total} files of the volume</source>
      <translation>Die DICOM-Datenbank hat nur {there} von {total} Dateien des Volumens</translation>
    </message>
    <message>
      <source>The application log tells more; or save it as .seg.nrrd</source>
      <translation>Das Anwendungsprotokoll sagt mehr; oder als .seg.nrrd speichern</translation>
    </message>
    <message>
      <source>The segmentation does not say on which volume it was made</source>
      <translation>Die Segmentierung sagt nicht, auf welchem Volumen sie gemacht wurde</translation>
    </message>
    <message>
      <source>The segmentation lies under another transform than its volume</source>
      <translation>Die Segmentierung liegt unter einer anderen Transformation als ihr Volumen</translation>
    </message>
    <message>
      <source>The volume was not loaded from the DICOM database</source>
      <translation>Das Volumen wurde nicht aus der DICOM-Datenbank geladen</translation>
    </message>
    <message>
      <source>it does not take this segmentation</source>
      <translation>es nimmt diese Segmentierung nicht</translation>
    </message>
    <message>
      <source>it wrote no file</source>
      <translation>es schrieb keine Datei</translation>
    </message>
  </context>
  <context>
    <name>console.Evaluation</name>
    <message>
      <source>Choose a table of an evaluation</source>
      <translation>Eine Tabelle einer Bewertung wählen</translation>
    </message>
    <message>
      <source>Evaluate a segmentation first</source>
      <translation>Zuerst eine Segmentierung bewerten</translation>
    </message>
    <message>
      <source>SAM Adapt evaluation</source>
      <translation>SAM Adapt Bewertung</translation>
    </message>
    <message>
      <source>The table holds no figures to draw</source>
      <translation>Die Tabelle enthält keine Zahlen zum Zeichnen</translation>
    </message>
    <message>
      <source>This table holds something else</source>
      <translation>Diese Tabelle enthält etwas anderes</translation>
    </message>
  </context>
  <context>
    <name>console.ExemplarLogic</name>
    <message>
      <source>Slice {index} ({axis}) is in the exemplar library, in the place of its earlier outlines.</source>
      <translation>Schicht {index} ({axis}) ist in der Beispielbibliothek, anstelle ihrer früheren Umrisse.</translation>
    </message>
    <message>
      <source>Slice {index} ({axis}) is in the exemplar library.</source>
      <translation>Schicht {index} ({axis}) ist in der Beispielbibliothek.</translation>
    </message>
    <message>
      <source>Slice {index} ({axis}) was in the exemplar library already, with the same outlines.</source>
      <translation>Schicht {index} ({axis}) war schon in der Beispielbibliothek, mit denselben Umrissen.</translation>
    </message>
    <message>
      <source>{count} slices are in the exemplar library, {replaced} of them in the place of earlier outlines.</source>
      <translation>{count} Schichten sind in der Beispielbibliothek, {replaced} davon anstelle früherer Umrisse.</translation>
    </message>
    <message>
      <source>{count} slices are in the exemplar library.</source>
      <translation>{count} Schichten sind in der Beispielbibliothek.</translation>
    </message>
  </context>
  <context>
    <name>console.Logic</name>
    <message>
      <source>Give segments of the same structure the same name</source>
      <translation>Segmenten derselben Struktur denselben Namen geben</translation>
    </message>
    <message>
      <source>No segment has the name of one in the reference</source>
      <translation>Kein Segment heißt wie eines der Referenz</translation>
    </message>
  </context>
  <context>
    <name>console.ManyVolumes</name>
    <message>
      <source>Choose an adapter that was trained with texts</source>
      <translation>Einen Adapter wählen, der mit Texten trainiert wurde</translation>
    </message>
    <message>
      <source>Give some with the effect SAM Adapt, on one slice of each object</source>
      <translation>Einige mit dem Effekt SAM Adapt machen, auf einer Schicht jedes Objekts</translation>
    </message>
    <message>
      <source>Load it again</source>
      <translation>Noch einmal laden</translation>
    </message>
    <message>
      <source>Load one</source>
      <translation>Eines laden</translation>
    </message>
    <message>
      <source>No segmentation of this volume has prompts</source>
      <translation>Keine Segmentierung dieses Volumens hat Eingaben</translation>
    </message>
    <message>
      <source>Nothing was found on any slice</source>
      <translation>Auf keiner Schicht wurde etwas gefunden</translation>
    </message>
    <message>
      <source>The volume is no longer in the scene</source>
      <translation>Das Volumen ist nicht mehr in der Szene</translation>
    </message>
    <message>
      <source>The volume was removed from the scene meanwhile</source>
      <translation>Das Volumen wurde inzwischen aus der Szene entfernt</translation>
    </message>
    <message>
      <source>There is no volume to segment</source>
      <translation>Es gibt kein Volumen zu segmentieren</translation>
    </message>
    <message>
      <source>This model reads no words</source>
      <translation>Dieses Modell liest keine Wörter</translation>
    </message>
    <message>
      <source>Volumes are being segmented already</source>
      <translation>Es werden schon Volumina segmentiert</translation>
    </message>
    <message>
      <source>Wait for them, or stop it first</source>
      <translation>Darauf warten oder es erst anhalten</translation>
    </message>
  </context>
  <context>
    <name>console.NextSliceLogic</name>
    <message>
      <source>Cannot hand the voxels on ({error})</source>
      <translation>Die Voxel lassen sich nicht übergeben ({error})</translation>
    </message>
    <message>
      <source>Load one</source>
      <translation>Eines laden</translation>
    </message>
    <message>
      <source>Make room on the disk</source>
      <translation>Platz auf der Platte schaffen</translation>
    </message>
    <message>
      <source>There is no volume to choose slices of</source>
      <translation>Es gibt kein Volumen, dessen Schichten zur Wahl stünden</translation>
    </message>
  </context>
  <context>
    <name>console.SegmentingLogic</name>
    <message>
      <source>Give one, or up to three</source>
      <translation>Eines oder bis zu drei angeben</translation>
    </message>
    <message>
      <source>No volume is chosen</source>
      <translation>Kein Volumen gewählt</translation>
    </message>
  </context>
  <context>
    <name>console.SliceSegmentation</name>
    <message>
      <source>Choose one of {names}</source>
      <translation>Eines von {names} wählen</translation>
    </message>
    <message>
      <source>For the adapter's own, activate it with weights='adapted'</source>
      <translation>Für die des Adapters mit weights='adapted' aktivieren</translation>
    </message>
    <message>
      <source>Give one box for one object</source>
      <translation>Einen Rahmen für ein Objekt angeben</translation>
    </message>
    <message>
      <source>Give points inside of it</source>
      <translation>Punkte innerhalb davon angeben</translation>
    </message>
    <message>
      <source>Give points=[(R, A, S, 1)] or box=((R, A, S), (R, A, S))</source>
      <translation>points=[(R, A, S, 1)] oder box=((R, A, S), (R, A, S)) angeben</translation>
    </message>
    <message>
      <source>No prompt was given</source>
      <translation>Es wurde keine Eingabe gemacht</translation>
    </message>
    <message>
      <source>Segment one slice first, or choose the axis of the prompts</source>
      <translation>Zuerst eine Schicht segmentieren oder die Achse der Eingaben wählen</translation>
    </message>
    <message>
      <source>The prompt lies outside the volume</source>
      <translation>Die Eingabe liegt außerhalb des Volumens</translation>
    </message>
    <message>
      <source>The segment is on no {axis} slice yet</source>
      <translation>Das Segment ist noch auf keiner Schicht ({axis})</translation>
    </message>
    <message>
      <source>Try a box in place of points, a second prompt on a nearby slice, or an adapter</source>
      <translation>Einen Rahmen anstelle von Punkten versuchen, eine zweite Eingabe auf einer nahen Schicht oder einen Adapter</translation>
    </message>
    <message>
      <source>Two of the prompts give a box</source>
      <translation>Zwei der Eingaben ergeben einen Rahmen</translation>
    </message>
    <message>
      <source>Unknown direction</source>
      <translation>Unbekannte Richtung</translation>
    </message>
    <message>
      <source>{name}: propagation ended at once: {reason}</source>
      <translation>{name}: Das Weitertragen endete sofort: {reason}</translation>
    </message>
  </context>
  <context>
    <name>console.TimeLogic</name>
    <message>
      <source>Frame</source>
      <translation>Zeitpunkt</translation>
    </message>
    <message>
      <source>Volume (mL)</source>
      <translation>Volumen (mL)</translation>
    </message>
    <message>
      <source>{name} over time</source>
      <translation>{name} über die Zeit</translation>
    </message>
  </context>
  <context>
    <name>console.TrainingRuns</name>
    <message>
      <source>A training is running already</source>
      <translation>Es läuft schon ein Training</translation>
    </message>
    <message>
      <source>Add some slices in step 1 first</source>
      <translation>Zuerst in Schritt 1 einige Schichten hinzufügen</translation>
    </message>
    <message>
      <source>Name it in the Python console: fineTune(name=..., library=..., resume=True)</source>
      <translation>Nennen Sie sie in der Python-Konsole: fineTune(name=..., library=..., resume=True)</translation>
    </message>
    <message>
      <source>No stopped training has this name</source>
      <translation>Kein angehaltenes Training hat diesen Namen</translation>
    </message>
    <message>
      <source>Start it, or give the name of a stopped one</source>
      <translation>Es starten oder den Namen eines angehaltenen angeben</translation>
    </message>
    <message>
      <source>The library holds no labelled exemplar</source>
      <translation>Die Bibliothek enthält kein beschriftetes Beispiel</translation>
    </message>
    <message>
      <source>The run does not say which library it was started with</source>
      <translation>Der Lauf sagt nicht, mit welcher Bibliothek er begonnen wurde</translation>
    </message>
    <message>
      <source>Wait for it, or stop it first</source>
      <translation>Darauf warten oder es erst anhalten</translation>
    </message>
  </context>
  <context>
    <name>console.VolumeTable</name>
    <message>
      <source>SAM Adapt volumes</source>
      <translation>SAM Adapt Volumina</translation>
    </message>
  </context>
  <context>
    <name>edit.AlongTime</name>
    <message>
      <source>The segment is on {found} of {count} frames: {most} mL at most (frame {frame}), {least} mL at least (frame {other}).</source>
      <translation>Das Segment ist auf {found} von {count} Zeitpunkten: höchstens {most} mL (Zeitpunkt {frame}), mindestens {least} mL (Zeitpunkt {other}).</translation>
    </message>
    <message>
      <source>The segment was carried to no other frame. Loosen the stop rules, or prompt other frames, too.</source>
      <translation>Das Segment wurde zu keinem anderen Zeitpunkt getragen. Die Abbruchregeln lockern oder auch auf anderen Zeitpunkten Eingaben machen.</translation>
    </message>
  </context>
  <context>
    <name>edit.Correction</name>
    <message>
      <source>A correction along other slices is under way</source>
      <translation>Eine Korrektur entlang anderer Schichten ist im Gange</translation>
    </message>
    <message>
      <source>Add or select a segment first</source>
      <translation>Zuerst ein Segment hinzufügen oder auswählen</translation>
    </message>
    <message>
      <source>Click on what is missing, Ctrl+click on what is too much; a box says what all of it is on its slice.</source>
      <translation>Klicken Sie auf das, was fehlt, mit Strg auf das, was zu viel ist; ein Rahmen sagt, was alles davon auf seiner Schicht ist.</translation>
    </message>
    <message>
      <source>Draw it on a slice first, with any tool or by prompts</source>
      <translation>Zeichnen Sie es zuerst auf einer Schicht, mit einem beliebigen Werkzeug oder mit Eingaben</translation>
    </message>
    <message>
      <source>No segment is selected</source>
      <translation>Kein Segment ist ausgewählt</translation>
    </message>
    <message>
      <source>Nothing changes: the model agrees with what is there. Click where it is wrong, or draw a box.</source>
      <translation>Es ändert sich nichts: Das Modell stimmt mit dem überein, was da ist. Klicken Sie dorthin, wo es falsch ist, oder ziehen Sie einen Rahmen.</translation>
    </message>
    <message>
      <source>Slice {index} changed.</source>
      <translation>Schicht {index} geändert.</translation>
    </message>
    <message>
      <source>The segment is empty: there is nothing to continue from</source>
      <translation>Das Segment ist leer: Es gibt nichts, womit weiterzuarbeiten wäre</translation>
    </message>
    <message>
      <source>Wait for its end, or Stop it first</source>
      <translation>Auf das Ende warten oder erst anhalten</translation>
    </message>
    <message>
      <source>{count} slices changed, {first} to {last}.</source>
      <translation>{count} Schichten geändert, {first} bis {last}.</translation>
    </message>
  </context>
  <context>
    <name>edit.Draft</name>
    <message>
      <source>Mask {shown} of {count} is shown, expected IoU {iou}. Keys 1 to {count}: small to large.</source>
      <translation>Maske {shown} von {count} ist zu sehen, erwartete IoU {iou}. Tasten 1 bis {count}: klein bis groß.</translation>
    </message>
  </context>
  <context>
    <name>edit.EffectController</name>
    <message>
      <source>Grown from the point, since this model knows boxes only: check it, or draw a box.</source>
      <translation>Aus dem Punkt gewachsen, da dieses Modell nur Rahmen kennt: prüfen oder einen Rahmen ziehen.</translation>
    </message>
    <message>
      <source>That lies outside the volume. Draw it on the image.</source>
      <translation>Das liegt außerhalb des Volumens. Auf dem Bild zeichnen.</translation>
    </message>
    <message>
      <source>That place lies outside the volume. Click on the image.</source>
      <translation>Diese Stelle liegt außerhalb des Volumens. Auf das Bild klicken.</translation>
    </message>
    <message>
      <source>The model finds nothing there. Add a point inside the object or draw a box around it.</source>
      <translation>Das Modell findet dort nichts. Einen Punkt im Objekt setzen oder einen Rahmen darum ziehen.</translation>
    </message>
    <message>
      <source>This model was not trained on points, and nothing stands out here: draw a box.</source>
      <translation>Dieses Modell wurde nicht auf Punkte trainiert, und hier hebt sich nichts ab: einen Rahmen ziehen.</translation>
    </message>
    <message>
      <source>This slice is accepted. Release it first, with Accept slice or the key K.</source>
      <translation>Diese Schicht ist angenommen. Geben Sie sie erst frei, mit Schicht annehmen oder der Taste K.</translation>
    </message>
  </context>
  <context>
    <name>edit.Exemplars</name>
    <message>
      <source>A correction is under way, and the slice may change yet</source>
      <translation>Eine Korrektur ist im Gange, und die Schicht kann sich noch ändern</translation>
    </message>
    <message>
      <source>Click on a slice in a standard orientation</source>
      <translation>Auf eine Schicht in einer Standardausrichtung klicken</translation>
    </message>
    <message>
      <source>Correct some by clicks first, or add the slice shown</source>
      <translation>Erst einige mit Klicks korrigieren oder die gezeigte Schicht hinzufügen</translation>
    </message>
    <message>
      <source>Exemplars are whole slices of the volume</source>
      <translation>Beispiele sind ganze Schichten des Volumens</translation>
    </message>
    <message>
      <source>No slice along this view has prompts of the selected segment</source>
      <translation>Keine Schicht dieser Ansicht hat Eingaben für das gewählte Segment</translation>
    </message>
    <message>
      <source>Wait for its end, or Stop it first</source>
      <translation>Auf das Ende warten oder erst anhalten</translation>
    </message>
  </context>
  <context>
    <name>edit.ModelUse</name>
    <message>
      <source>Python packages have to be installed first. Click into a slice view to install them.</source>
      <translation>Zuerst müssen Python-Pakete installiert werden. Dafür in eine Schichtansicht klicken.</translation>
    </message>
    <message>
      <source>The model {title} ({size}) is not on this computer yet. Click into a slice view to download it.</source>
      <translation>Das Modell {title} ({size}) ist noch nicht auf diesem Rechner. Zum Herunterladen in eine Schichtansicht klicken.</translation>
    </message>
  </context>
  <context>
    <name>edit.NextFrame</name>
    <message>
      <source>Accept or drop them first</source>
      <translation>Erst annehmen oder verwerfen</translation>
    </message>
    <message>
      <source>Choose one segmentation per frame first</source>
      <translation>Zuerst eine Segmentierung je Zeitpunkt wählen</translation>
    </message>
    <message>
      <source>Click on the object first</source>
      <translation>Zuerst auf das Objekt klicken</translation>
    </message>
    <message>
      <source>Go to a slice on which it is</source>
      <translation>Zu einer Schicht gehen, auf der es ist</translation>
    </message>
    <message>
      <source>Go to an earlier one</source>
      <translation>Zu einem früheren gehen</translation>
    </message>
    <message>
      <source>No slice of the volume is chosen</source>
      <translation>Keine Schicht des Volumens ist gewählt</translation>
    </message>
    <message>
      <source>The segment is not on this slice</source>
      <translation>Das Segment ist nicht auf dieser Schicht</translation>
    </message>
    <message>
      <source>The segment is on this slice already. Mend it by clicks, or go on.</source>
      <translation>Das Segment ist schon auf dieser Schicht. Mit Klicks ausbessern oder weitergehen.</translation>
    </message>
    <message>
      <source>The segmentation is the same for all frames</source>
      <translation>Die Segmentierung ist für alle Zeitpunkte dieselbe</translation>
    </message>
    <message>
      <source>There are prompts that are not accepted</source>
      <translation>Es gibt Eingaben, die nicht angenommen sind</translation>
    </message>
    <message>
      <source>This is the last frame</source>
      <translation>Das ist der letzte Zeitpunkt</translation>
    </message>
  </context>
  <context>
    <name>edit.Propagation</name>
    <message>
      <source>Choose a standard orientation, or rotate the view to the volume plane</source>
      <translation>Eine Standardausrichtung wählen oder die Ansicht auf die Volumenebene drehen</translation>
    </message>
    <message>
      <source>Click on the object first</source>
      <translation>Zuerst auf das Objekt klicken</translation>
    </message>
    <message>
      <source>No slice is chosen</source>
      <translation>Keine Schicht gewählt</translation>
    </message>
    <message>
      <source>Nothing was found on the slices beside the prompts. Loosen the stop rules or add prompts.</source>
      <translation>Auf den Schichten neben den Eingaben wurde nichts gefunden. Die Abbruchregeln lockern oder Eingaben hinzufügen.</translation>
    </message>
    <message>
      <source>Propagation ended at once: {reason}. Try a box in place of points, a second prompt on a nearby slice, or looser stop rules.</source>
      <translation>Das Weitertragen endete sofort: {reason}. Einen Rahmen anstelle von Punkten versuchen, eine zweite Eingabe auf einer nahen Schicht oder lockerere Abbruchregeln.</translation>
    </message>
    <message>
      <source>Propagation goes along the volume's own slices, and this view is oblique to them</source>
      <translation>Das Weitertragen geht entlang der Schichten des Volumens, und diese Ansicht liegt schräg zu ihnen</translation>
    </message>
    <message>
      <source>Set a prompt on this slice, or go to a slice on which the segment is drawn</source>
      <translation>Auf dieser Schicht eine Eingabe machen oder zu einer gehen, auf der das Segment gezeichnet ist</translation>
    </message>
    <message>
      <source>Slice {index} written.</source>
      <translation>Schicht {index} geschrieben.</translation>
    </message>
    <message>
      <source>There is nothing to carry on from</source>
      <translation>Es gibt nichts weiterzutragen</translation>
    </message>
    <message>
      <source>{count} slices written, {first} to {last}.</source>
      <translation>{count} Schichten geschrieben, {first} bis {last}.</translation>
    </message>
  </context>
  <context>
    <name>edit.Reporting</name>
    <message>
      <source>Nothing was written: masking excludes this place, or the segmentation's geometry ends before it. Change the editable area, the intensity range or the geometry.</source>
      <translation>Es wurde nichts geschrieben: Die Maskierung schließt diese Stelle aus, oder die Geometrie der Segmentierung endet vorher. Bearbeitbaren Bereich, Intensitätsbereich oder Geometrie ändern.</translation>
    </message>
  </context>
  <context>
    <name>edit.VolumeSegmentation</name>
    <message>
      <source>Found: {list}.</source>
      <translation>Gefunden: {list}.</translation>
    </message>
    <message>
      <source>Nothing was found on any slice.</source>
      <translation>Auf keiner Schicht wurde etwas gefunden.</translation>
    </message>
    <message>
      <source>{name} on {count} slices</source>
      <translation>{name} auf {count} Schichten</translation>
    </message>
  </context>
  <context>
    <name>panel.AdapterStep</name>
    <message>
      <source>Adapter (*.zip)</source>
      <translation>Adapter (*.zip)</translation>
    </message>
    <message>
      <source>Delete the adapter {name} from this computer? This cannot be undone.</source>
      <translation>Den Adapter {name} von diesem Rechner löschen? Das lässt sich nicht rückgängig machen.</translation>
    </message>
    <message>
      <source>Dice on held-out slices:</source>
      <translation>Dice auf zurückgehaltenen Schichten:</translation>
    </message>
    <message>
      <source>Export adapter</source>
      <translation>Adapter exportieren</translation>
    </message>
    <message>
      <source>Import adapter</source>
      <translation>Adapter importieren</translation>
    </message>
    <message>
      <source>In use: no adapter, base model {model}</source>
      <translation>In Gebrauch: kein Adapter, Basismodell {model}</translation>
    </message>
    <message>
      <source>In use: {name} on {model}</source>
      <translation>In Gebrauch: {name} auf {model}</translation>
    </message>
    <message>
      <source>Name:</source>
      <translation>Name:</translation>
    </message>
    <message>
      <source>No reference is selected</source>
      <translation>Keine Referenz ist ausgewählt</translation>
    </message>
    <message>
      <source>Rename adapter</source>
      <translation>Adapter umbenennen</translation>
    </message>
    <message>
      <source>Select another segmentation at the top or as the reference</source>
      <translation>Oben oder als Referenz eine andere Segmentierung auswählen</translation>
    </message>
    <message>
      <source>Select the segmentation that counts as right</source>
      <translation>Die Segmentierung auswählen, die als richtig gilt</translation>
    </message>
    <message>
      <source>The adapter is in use: a model is still being loaded</source>
      <translation>Der Adapter ist in Gebrauch: Ein Modell wird noch geladen</translation>
    </message>
    <message>
      <source>The segmentation would be compared with itself</source>
      <translation>Die Segmentierung würde mit sich selbst verglichen</translation>
    </message>
    <message>
      <source>Try again once it is loaded</source>
      <translation>Noch einmal versuchen, sobald es geladen ist</translation>
    </message>
    <message>
      <source>Waiting until {name} is free</source>
      <translation>Warten, bis {name} frei ist</translation>
    </message>
    <message>
      <source>adapted {dice}</source>
      <translation>angepasst {dice}</translation>
    </message>
    <message>
      <source>base {dice}</source>
      <translation>Basis {dice}</translation>
    </message>
    <message>
      <source>damaged</source>
      <translation>beschädigt</translation>
    </message>
    <message>
      <source>halfway {dice}</source>
      <translation>dazwischen {dice}</translation>
    </message>
    <message>
      <source>the adapter answers</source>
      <translation>der Adapter antwortet</translation>
    </message>
    <message>
      <source>the base weights answer</source>
      <translation>die Basisgewichte antworten</translation>
    </message>
    <message>
      <source>the weights halfway answer</source>
      <translation>die Gewichte dazwischen antworten</translation>
    </message>
    <message>
      <source>{method} on {base}, {steps} steps, {axis} slices, grey levels {intensity}</source>
      <translation>{method} auf {base}, {steps} Schritte, Schichten {axis}, Graustufen {intensity}</translation>
    </message>
  </context>
  <context>
    <name>panel.ComputerStep</name>
    <message>
      <source>Prompts go to {server}.</source>
      <translation>Eingaben gehen an {server}.</translation>
    </message>
    <message>
      <source>The devices could not be listed: {error}</source>
      <translation>Die Geräte ließen sich nicht auflisten: {error}</translation>
    </message>
  </context>
  <context>
    <name>panel.DicomSaving</name>
    <message>
      <source>No volume has a segmentation to save</source>
      <translation>Kein Volumen hat eine Segmentierung zum Speichern</translation>
    </message>
    <message>
      <source>Saved in the DICOM database: {count}</source>
      <translation>In der DICOM-Datenbank gespeichert: {count}</translation>
    </message>
    <message>
      <source>Segment the volumes first</source>
      <translation>Zuerst die Volumina segmentieren</translation>
    </message>
    <message>
      <source>Stop</source>
      <translation>Stopp</translation>
    </message>
  </context>
  <context>
    <name>panel.ExemplarStep</name>
    <message>
      <source>; {count} backgrounds</source>
      <translation>; {count} Hintergründe</translation>
    </message>
    <message>
      <source>Choose that orientation in a slice view, and rotate the view to the volume plane</source>
      <translation>Diese Ausrichtung in einer Schichtansicht wählen und die Ansicht auf die Volumenebene drehen</translation>
    </message>
    <message>
      <source>Delete {count} exemplars from the library folder? This cannot be undone.</source>
      <translation>{count} Beispiele aus dem Bibliotheksordner löschen? Das lässt sich nicht rückgängig machen.</translation>
    </message>
    <message>
      <source>No slice of the volume has a label</source>
      <translation>Keine Schicht des Volumens hat ein Label</translation>
    </message>
    <message>
      <source>No view shows {axis} slices of the volume</source>
      <translation>Keine Ansicht zeigt Schichten ({axis}) des Volumens</translation>
    </message>
    <message>
      <source>Paint in a segment first</source>
      <translation>Zuerst in ein Segment zeichnen</translation>
    </message>
    <message>
      <source>Slice {index}</source>
      <translation>Schicht {index}</translation>
    </message>
    <message>
      <source>The library is empty. Add a labelled slice to start it.</source>
      <translation>Die Bibliothek ist leer. Für den Anfang eine beschriftete Schicht hinzufügen.</translation>
    </message>
    <message>
      <source>background</source>
      <translation>Hintergrund</translation>
    </message>
    <message>
      <source>damaged</source>
      <translation>beschädigt</translation>
    </message>
    <message>
      <source>none</source>
      <translation>keine</translation>
    </message>
    <message>
      <source>{count} exemplars: {classes}</source>
      <translation>{count} Beispiele: {classes}</translation>
    </message>
  </context>
  <context>
    <name>panel.NextSlices</name>
    <message>
      <source>All of its kind</source>
      <translation>Alle der Art</translation>
    </message>
    <message>
      <source>Ask for other slices</source>
      <translation>Andere Schichten vorschlagen lassen</translation>
    </message>
    <message>
      <source>Click to show this slice in the slice views.</source>
      <translation>Ein Klick zeigt diese Schicht in den Schichtansichten.</translation>
    </message>
    <message>
      <source>The volume is no longer in the scene</source>
      <translation>Das Volumen ist nicht mehr in der Szene</translation>
    </message>
    <message>
      <source>This one only</source>
      <translation>Nur dieses</translation>
    </message>
    <message>
      <source>{number}. {volume}, {axis} slice {index}: {reason}</source>
      <translation>{number}. {volume}, Schicht {index} ({axis}): {reason}</translation>
    </message>
  </context>
  <context>
    <name>panel.Published</name>
    <message>
      <source>As is said there, and checked when it is fetched: {said}</source>
      <translation>Laut dortiger Angabe, geprüft beim Holen: {said}</translation>
    </message>
    <message>
      <source>Browse</source>
      <translation>Durchsehen</translation>
    </message>
    <message>
      <source>Browse a place, and select one of its adapters</source>
      <translation>Einen Ort durchsehen und einen seiner Adapter auswählen</translation>
    </message>
    <message>
      <source>Licence: {licence}</source>
      <translation>Lizenz: {licence}</translation>
    </message>
    <message>
      <source>No adapter is selected</source>
      <translation>Kein Adapter ist ausgewählt</translation>
    </message>
    <message>
      <source>No place is given</source>
      <translation>Kein Ort ist angegeben</translation>
    </message>
    <message>
      <source>Nothing is published there.</source>
      <translation>Dort ist nichts veröffentlicht.</translation>
    </message>
    <message>
      <source>Published adapters</source>
      <translation>Veröffentlichte Adapter</translation>
    </message>
    <message>
      <source>Type an address that begins with https://, or a folder</source>
      <translation>Eine Adresse, die mit https:// beginnt, oder einen Ordner eingeben</translation>
    </message>
    <message>
      <source>{method} on {base}, {size}</source>
      <translation>{method} auf {base}, {size}</translation>
    </message>
    <message>
      <source>{name} is being fetched.</source>
      <translation>{name} wird geholt.</translation>
    </message>
    <message>
      <source>{name} is on this computer now.</source>
      <translation>{name} ist jetzt auf diesem Rechner.</translation>
    </message>
  </context>
  <context>
    <name>panel.SignedText</name>
    <message>
      <source>Not signed.</source>
      <translation>Nicht signiert.</translation>
    </message>
    <message>
      <source>Signed by a key that you have not said to trust: {fingerprint}.</source>
      <translation>Signiert mit einem Schlüssel, den Sie nicht als vertraut angegeben haben: {fingerprint}.</translation>
    </message>
    <message>
      <source>Signed by {signer} (key {fingerprint}).</source>
      <translation>Signiert von {signer} (Schlüssel {fingerprint}).</translation>
    </message>
    <message>
      <source>Signed, but not checked: the Python package cryptography is not installed.</source>
      <translation>Signiert, aber nicht geprüft: Das Python-Paket cryptography ist nicht installiert.</translation>
    </message>
  </context>
  <context>
    <name>panel.Step</name>
    <message>
      <source>Open the module SAM Adapt again</source>
      <translation>Das Modul SAM Adapt noch einmal öffnen</translation>
    </message>
    <message>
      <source>The panel shows no scene now</source>
      <translation>Das Bedienfeld zeigt gerade keine Szene</translation>
    </message>
  </context>
  <context>
    <name>panel.Studies</name>
    <message>
      <source>Cell {number} of {count}: {row}. About {left} left.</source>
      <translation>Zelle {number} von {count}: {row}. Noch etwa {left}.</translation>
    </message>
    <message>
      <source>Choose a new one, or that of an earlier study</source>
      <translation>Einen neuen wählen oder den einer früheren Studie</translation>
    </message>
    <message>
      <source>Choose a preset or a file (TOML)</source>
      <translation>Eine Vorgabe oder eine Datei (TOML) wählen</translation>
    </message>
    <message>
      <source>Choose a table (CSV) with the columns image, labels, patient, split</source>
      <translation>Eine Tabelle (CSV) mit den Spalten image, labels, patient, split wählen</translation>
    </message>
    <message>
      <source>No description is chosen</source>
      <translation>Keine Beschreibung ist gewählt</translation>
    </message>
    <message>
      <source>No output folder is chosen</source>
      <translation>Kein Ausgabeordner ist gewählt</translation>
    </message>
    <message>
      <source>No scans are chosen</source>
      <translation>Keine Aufnahmen sind gewählt</translation>
    </message>
    <message>
      <source>No web browser opens the report</source>
      <translation>Kein Webbrowser öffnet den Bericht</translation>
    </message>
    <message>
      <source>Not finished. The next run goes on where this one was.</source>
      <translation>Nicht fertig. Der nächste Lauf setzt fort, wo dieser war.</translation>
    </message>
    <message>
      <source>Open this file in one</source>
      <translation>Diese Datei in einem öffnen</translation>
    </message>
    <message>
      <source>The description is being read.</source>
      <translation>Die Beschreibung wird gelesen.</translation>
    </message>
    <message>
      <source>The scans are being read.</source>
      <translation>Die Aufnahmen werden gelesen.</translation>
    </message>
    <message>
      <source>The scans are being read: {doing}.</source>
      <translation>Die Aufnahmen werden gelesen: {doing}.</translation>
    </message>
    <message>
      <source>The study is done: {count} cells.</source>
      <translation>Die Studie ist fertig: {count} Zellen.</translation>
    </message>
    <message>
      <source>a description of your own</source>
      <translation>eine eigene Beschreibung</translation>
    </message>
    <message>
      <source>{failed} of {count} cells failed, the first: {error}. The next run tries them again.</source>
      <translation>{failed} von {count} Zellen sind fehlgeschlagen, die erste: {error}. Der nächste Lauf versucht sie noch einmal.</translation>
    </message>
  </context>
  <context>
    <name>panel.TaskButton</name>
    <message>
      <source>Stop</source>
      <translation>Stopp</translation>
    </message>
    <message>
      <source>Stopping</source>
      <translation>Hält an</translation>
    </message>
  </context>
  <context>
    <name>panel.TrainingPlot</name>
    <message>
      <source>Dice, held out</source>
      <translation>Dice, zurückgehalten</translation>
    </message>
    <message>
      <source>Dice, training</source>
      <translation>Dice, Training</translation>
    </message>
    <message>
      <source>Loss</source>
      <translation>Verlust</translation>
    </message>
    <message>
      <source>Loss, Dice</source>
      <translation>Verlust, Dice</translation>
    </message>
    <message>
      <source>Step</source>
      <translation>Schritt</translation>
    </message>
    <message>
      <source>{name} validation</source>
      <translation>{name} Validierung</translation>
    </message>
  </context>
  <context>
    <name>panel.TrainingStep</name>
    <message>
      <source>Automatic</source>
      <translation>Automatisch</translation>
    </message>
    <message>
      <source>Done: the adapter {name} is ready in step 4.</source>
      <translation>Fertig: Der Adapter {name} steht in Schritt 4 bereit.</translation>
    </message>
    <message>
      <source>Each patient in turn</source>
      <translation>Jeder Patient einmal</translation>
    </message>
    <message>
      <source>Estimating the memory ...</source>
      <translation>Der Speicherbedarf wird geschätzt ...</translation>
    </message>
    <message>
      <source>Memory: {text}</source>
      <translation>Speicher: {text}</translation>
    </message>
    <message>
      <source>None</source>
      <translation>Keiner</translation>
    </message>
    <message>
      <source>Resumed {name}</source>
      <translation>{name} fortgesetzt</translation>
    </message>
    <message>
      <source>Started {name}</source>
      <translation>{name} gestartet</translation>
    </message>
    <message>
      <source>Starting; the model is being loaded.</source>
      <translation>Startet; das Modell wird geladen.</translation>
    </message>
    <message>
      <source>Step {step} of {steps}: loss {loss:.3f}, Dice {dice:.3f}</source>
      <translation>Schritt {step} von {steps}: Verlust {loss:.3f}, Dice {dice:.3f}</translation>
    </message>
    <message>
      <source>Step {step}: Dice {dice:.3f} on held-out slices</source>
      <translation>Schritt {step}: Dice {dice:.3f} auf zurückgehaltenen Schichten</translation>
    </message>
    <message>
      <source>Stopped before the first checkpoint.</source>
      <translation>Vor dem ersten Zwischenstand angehalten.</translation>
    </message>
    <message>
      <source>Stopped. Resume goes on from here.</source>
      <translation>Angehalten. Fortsetzen macht hier weiter.</translation>
    </message>
    <message>
      <source>Stopping; a checkpoint is being written.</source>
      <translation>Hält an; ein Zwischenstand wird geschrieben.</translation>
    </message>
    <message>
      <source>The adapter has no name yet</source>
      <translation>Der Adapter hat noch keinen Namen</translation>
    </message>
    <message>
      <source>The download was stopped. What has come is kept; Start goes on with it.</source>
      <translation>Das Herunterladen wurde angehalten. Was da ist, bleibt; Starten setzt es fort.</translation>
    </message>
    <message>
      <source>Training of {name}</source>
      <translation>Training von {name}</translation>
    </message>
    <message>
      <source>Type a name for it</source>
      <translation>Einen Namen dafür eingeben</translation>
    </message>
    <message>
      <source>{percent} % of the patients</source>
      <translation>{percent} % der Patienten</translation>
    </message>
    <message>
      <source>{text}, {left} left</source>
      <translation>{text}, noch {left}</translation>
    </message>
  </context>
  <context>
    <name>panel.VolumesStep</name>
    <message>
      <source>All that are loaded</source>
      <translation>Alle geladenen</translation>
    </message>
    <message>
      <source>Load it again</source>
      <translation>Noch einmal laden</translation>
    </message>
    <message>
      <source>Stop</source>
      <translation>Stopp</translation>
    </message>
    <message>
      <source>The volume is no longer in the scene</source>
      <translation>Das Volumen ist nicht mehr in der Szene</translation>
    </message>
    <message>
      <source>There are no words to look for</source>
      <translation>Es gibt keine Wörter, nach denen zu suchen wäre</translation>
    </message>
    <message>
      <source>Those of the kind of the volume above</source>
      <translation>Die von der Art des Volumens oben</translation>
    </message>
    <message>
      <source>Type some, such as: liver, left kidney</source>
      <translation>Geben Sie einige ein, etwa: liver, left kidney</translation>
    </message>
    <message>
      <source>all classes of the adapter</source>
      <translation>alle Klassen des Adapters</translation>
    </message>
    <message>
      <source>done</source>
      <translation>fertig</translation>
    </message>
    <message>
      <source>failed</source>
      <translation>fehlgeschlagen</translation>
    </message>
    <message>
      <source>running</source>
      <translation>läuft</translation>
    </message>
    <message>
      <source>stopped</source>
      <translation>angehalten</translation>
    </message>
    <message>
      <source>waiting</source>
      <translation>wartet</translation>
    </message>
    <message>
      <source>what has prompts</source>
      <translation>was Prompts hat</translation>
    </message>
    <message>
      <source>what these words name</source>
      <translation>was diese Wörter nennen</translation>
    </message>
    <message>
      <source>{count} pixels</source>
      <translation>{count} Pixel</translation>
    </message>
  </context>
  <context>
    <name>scene.AcceptedSlices</name>
    <message>
      <source>A transform that bends slices lies between volume and segmentation</source>
      <translation>Zwischen Volumen und Segmentierung liegt eine Transformation, die Schichten verbiegt</translation>
    </message>
    <message>
      <source>Choose a segment of the segmentation</source>
      <translation>Ein Segment der Segmentierung wählen</translation>
    </message>
    <message>
      <source>Harden it first, or put both under the same transform</source>
      <translation>Sie erst härten (Harden) oder beide unter dieselbe Transformation stellen</translation>
    </message>
    <message>
      <source>No such segment</source>
      <translation>Kein solches Segment</translation>
    </message>
  </context>
  <context>
    <name>scene.ChannelChoice</name>
    <message>
      <source>Seen with:</source>
      <translation>Zusammen mit:</translation>
    </message>
  </context>
  <context>
    <name>scene.Channels</name>
    <message>
      <source>Choose another one, or none</source>
      <translation>Ein anderes oder keines wählen</translation>
    </message>
    <message>
      <source>Choose {count} at most</source>
      <translation>Höchstens {count} wählen</translation>
    </message>
    <message>
      <source>Give one, or up to {count}</source>
      <translation>Eines oder bis zu {count} angeben</translation>
    </message>
    <message>
      <source>No volume is chosen</source>
      <translation>Kein Volumen gewählt</translation>
    </message>
    <message>
      <source>This volume would be seen twice</source>
      <translation>Dieses Volumen würde zweimal gesehen</translation>
    </message>
    <message>
      <source>{count} volumes together</source>
      <translation>{count} Volumina zusammen</translation>
    </message>
  </context>
  <context>
    <name>scene.FindPlane</name>
    <message>
      <source>Move the slice into the volume</source>
      <translation>Die Schicht in das Volumen bewegen</translation>
    </message>
    <message>
      <source>The slice view shows nothing of the volume</source>
      <translation>Die Schichtansicht zeigt nichts vom Volumen</translation>
    </message>
  </context>
  <context>
    <name>scene.ObliquePlane</name>
    <message>
      <source>Move the slice into the volume</source>
      <translation>Die Schicht in das Volumen bewegen</translation>
    </message>
    <message>
      <source>The slice view shows nothing of the volume</source>
      <translation>Die Schichtansicht zeigt nichts vom Volumen</translation>
    </message>
  </context>
  <context>
    <name>scene.Plane</name>
    <message>
      <source>Choose one of 0 to {last}</source>
      <translation>0 bis {last} stehen zur Wahl</translation>
    </message>
    <message>
      <source>There is no {axis} slice {index}</source>
      <translation>Es gibt keine Schicht {index} ({axis})</translation>
    </message>
  </context>
  <context>
    <name>scene.SceneSegments</name>
    <message>
      <source>Add a segment</source>
      <translation>Ein Segment hinzufügen</translation>
    </message>
    <message>
      <source>Add a segment and paint in it</source>
      <translation>Ein Segment hinzufügen und darin zeichnen</translation>
    </message>
    <message>
      <source>Choose one of those present: {names}</source>
      <translation>Eines der vorhandenen wählen: {names}</translation>
    </message>
    <message>
      <source>No segmentation is selected</source>
      <translation>Keine Segmentierung ist ausgewählt</translation>
    </message>
    <message>
      <source>No such segment</source>
      <translation>Kein solches Segment</translation>
    </message>
    <message>
      <source>Select or create a segmentation of the volume</source>
      <translation>Eine Segmentierung des Volumens auswählen oder anlegen</translation>
    </message>
    <message>
      <source>The segmentation has no segment</source>
      <translation>Die Segmentierung hat kein Segment</translation>
    </message>
  </context>
  <context>
    <name>scene.SceneVolume</name>
    <message>
      <source>A picture in colour fills the channels by itself</source>
      <translation>Ein farbiges Bild füllt die Kanäle allein</translation>
    </message>
    <message>
      <source>A transform bends {further} beside {first}</source>
      <translation>Eine Transformation verbiegt {further} neben {first}</translation>
    </message>
    <message>
      <source>Adjust window and level of the volume</source>
      <translation>Fenster und Pegel des Volumens anpassen</translation>
    </message>
    <message>
      <source>Allow it to be resampled, or choose another volume</source>
      <translation>Umrechnen erlauben oder ein anderes Volumen wählen</translation>
    </message>
    <message>
      <source>Choose a greyscale 3D volume; extract one component or time point where needed</source>
      <translation>Ein 3D-Graustufenvolumen wählen; nötigenfalls eine Komponente oder einen Zeitpunkt herauslösen</translation>
    </message>
    <message>
      <source>Choose a greyscale volume</source>
      <translation>Ein Graustufenvolumen wählen</translation>
    </message>
    <message>
      <source>Choose no other beside it</source>
      <translation>Kein anderes daneben wählen</translation>
    </message>
    <message>
      <source>Harden the transform, or put both volumes below it</source>
      <translation>Die Transformation härten (Harden) oder beide Volumina darunter stellen</translation>
    </message>
    <message>
      <source>Load an image and choose it as the source volume</source>
      <translation>Ein Bild laden und als Quellvolumen wählen</translation>
    </message>
    <message>
      <source>Load it again or choose another one</source>
      <translation>Es noch einmal laden oder ein anderes wählen</translation>
    </message>
    <message>
      <source>Load it without transparency</source>
      <translation>Ohne Durchsichtigkeit laden</translation>
    </message>
    <message>
      <source>No volume is chosen</source>
      <translation>Kein Volumen gewählt</translation>
    </message>
    <message>
      <source>Parts of the picture are transparent</source>
      <translation>Teile des Bildes sind durchsichtig</translation>
    </message>
    <message>
      <source>Rename one of them</source>
      <translation>Eines davon umbenennen</translation>
    </message>
    <message>
      <source>Show it, or give the intensity range</source>
      <translation>Es anzeigen oder den Intensitätsbereich angeben</translation>
    </message>
    <message>
      <source>The volume has {count} values in each voxel (vectors or a series)</source>
      <translation>Das Volumen hat {count} Werte je Voxel (Vektoren oder eine Serie)</translation>
    </message>
    <message>
      <source>The volume holds no image</source>
      <translation>Das Volumen enthält kein Bild</translation>
    </message>
    <message>
      <source>The volume is not displayed in grey levels</source>
      <translation>Das Volumen wird nicht in Graustufen angezeigt</translation>
    </message>
    <message>
      <source>This is not a volume</source>
      <translation>Das ist kein Volumen</translation>
    </message>
    <message>
      <source>Two segments are named {name}</source>
      <translation>Zwei Segmente heißen {name}</translation>
    </message>
    <message>
      <source>{further} lies on another grid than {first}</source>
      <translation>{further} liegt auf einem anderen Gitter als {first}</translation>
    </message>
  </context>
  <context>
    <name>scene.SegmentGrid</name>
    <message>
      <source>Choose one of its segments</source>
      <translation>Eines seiner Segmente wählen</translation>
    </message>
    <message>
      <source>No such segment</source>
      <translation>Kein solches Segment</translation>
    </message>
  </context>
  <context>
    <name>scene.SegmentPrompts</name>
    <message>
      <source>A point or box lies beside the image</source>
      <translation>Ein Punkt oder Rahmen liegt neben dem Bild</translation>
    </message>
    <message>
      <source>Choose a segment of the segmentation</source>
      <translation>Ein Segment der Segmentierung wählen</translation>
    </message>
    <message>
      <source>No such segment</source>
      <translation>Kein solches Segment</translation>
    </message>
    <message>
      <source>Point at the part that the image shows</source>
      <translation>Auf den Teil zeigen, den das Bild enthält</translation>
    </message>
  </context>
  <context>
    <name>scene.SegmentWriter</name>
    <message>
      <source>Choose a segment of the segmentation</source>
      <translation>Ein Segment der Segmentierung wählen</translation>
    </message>
    <message>
      <source>Convert it to a binary labelmap</source>
      <translation>In eine binäre Labelmap umwandeln</translation>
    </message>
    <message>
      <source>No such segment</source>
      <translation>Kein solches Segment</translation>
    </message>
    <message>
      <source>The segment cannot be edited</source>
      <translation>Das Segment lässt sich nicht bearbeiten</translation>
    </message>
  </context>
  <context>
    <name>scene.Sequences</name>
    <message>
      <source>Load images over time as a sequence, and choose its volume</source>
      <translation>Bilder über die Zeit als Sequenz laden und ihr Volumen wählen</translation>
    </message>
    <message>
      <source>Stop it at the frame with the prompts</source>
      <translation>Sie beim Zeitpunkt mit den Eingaben anhalten</translation>
    </message>
    <message>
      <source>The sequence shows no frame, or is playing</source>
      <translation>Die Sequenz zeigt keinen Zeitpunkt oder läuft gerade</translation>
    </message>
    <message>
      <source>The volume is not one of a sequence</source>
      <translation>Das Volumen gehört zu keiner Sequenz</translation>
    </message>
  </context>
  <context>
    <name>view.CorrectionControls</name>
    <message>
      <source>No segment is selected. Add or select a segment first.</source>
      <translation>Kein Segment ausgewählt. Zuerst eines hinzufügen oder auswählen.</translation>
    </message>
    <message>
      <source>Slice {index} is accepted: nothing of SAM Adapt changes it.</source>
      <translation>Schicht {index} ist angenommen: SAM Adapt ändert sie nicht mehr.</translation>
    </message>
    <message>
      <source>Slice {index} is released.</source>
      <translation>Schicht {index} ist freigegeben.</translation>
    </message>
    <message>
      <source>Slices can be accepted once the correction has ended. Stop ends it.</source>
      <translation>Schichten lassen sich annehmen, sobald die Korrektur beendet ist. Stopp beendet sie.</translation>
    </message>
  </context>
  <context>
    <name>view.EffectOptions</name>
    <message>
      <source>As displayed</source>
      <translation>Wie angezeigt</translation>
    </message>
    <message>
      <source>Automatic</source>
      <translation>Automatisch</translation>
    </message>
    <message>
      <source>CT bone (400/1800)</source>
      <translation>CT Knochen (400/1800)</translation>
    </message>
    <message>
      <source>CT lung (-600/1500)</source>
      <translation>CT Lunge (-600/1500)</translation>
    </message>
    <message>
      <source>CT soft tissue (40/400)</source>
      <translation>CT Weichteile (40/400)</translation>
    </message>
    <message>
      <source>Details: {details}</source>
      <translation>Einzelheiten: {details}</translation>
    </message>
    <message>
      <source>Largest</source>
      <translation>Größte</translation>
    </message>
    <message>
      <source>Middle</source>
      <translation>Mittlere</translation>
    </message>
    <message>
      <source>None</source>
      <translation>Keiner</translation>
    </message>
    <message>
      <source>Only with a model that remembers other slices (SAM 2).</source>
      <translation>Nur mit einem Modell, das andere Schichten im Gedächtnis behält (SAM 2).</translation>
    </message>
    <message>
      <source>Only with an adapter that finds objects by itself (method sammix, or lora with head=classes).</source>
      <translation>Nur mit einem Adapter, der Objekte von selbst findet (Methode sammix, oder lora mit head=classes).</translation>
    </message>
    <message>
      <source>Only with an adapter that was trained with texts (method msa with a text model).</source>
      <translation>Nur mit einem Adapter, der mit Texten trainiert wurde (Methode msa mit einem Textmodell).</translation>
    </message>
    <message>
      <source>Percentiles (0.5/99.5)</source>
      <translation>Perzentile (0.5/99.5)</translation>
    </message>
    <message>
      <source>Smallest</source>
      <translation>Kleinste</translation>
    </message>
    <message>
      <source>The model is not loaded yet.</source>
      <translation>Das Modell ist noch nicht geladen.</translation>
    </message>
  </context>
  <context>
    <name>view.FrameChoice</name>
    <message>
      <source>Carries the segment from this frame along time to all others, earlier and later, slice by slice, and there on to slices beside. Frames with prompts or corrections stay as they are, and lead on from themselves. Each frame is written when it is found; undo does not reach back to it.</source>
      <translation>Trägt das Segment von diesem Zeitpunkt zu allen anderen, früheren und späteren, Schicht für Schicht, und dort auf die Schichten daneben. Zeitpunkte mit Eingaben oder Korrekturen bleiben, wie sie sind, und führen von sich aus weiter. Jeder Zeitpunkt wird geschrieben, sobald er gefunden ist; Rückgängig reicht nicht dorthin zurück.</translation>
    </message>
    <message>
      <source>Each frame has a segmentation of its own now. What is drawn stays with the frame that is shown.</source>
      <translation>Jeder Zeitpunkt hat jetzt eine eigene Segmentierung. Gezeichnetes bleibt beim gezeigten Zeitpunkt.</translation>
    </message>
    <message>
      <source>One segmentation per frame</source>
      <translation>Eine Segmentierung je Zeitpunkt</translation>
    </message>
    <message>
      <source>Shows the next frame and prompts it with the segment's box on this slice, widened as along time; accept the answer, or mend it, and go on.</source>
      <translation>Zeigt den nächsten Zeitpunkt und gibt dort den Rahmen des Segments dieser Schicht ein, etwas geweitet; die Antwort annehmen oder ausbessern, und weiter.</translation>
    </message>
    <message>
      <source>The volume is a frame of a sequence, and the segmentation is the same for all of them. Afterwards each frame has its own, with its prompts: what there is now stays with this frame, and the others begin with empty segments.</source>
      <translation>Das Volumen ist ein Zeitpunkt einer Sequenz, und die Segmentierung ist für alle dieselbe. Danach hat jeder Zeitpunkt seine eigene mit ihren Eingaben: Was jetzt da ist, bleibt bei diesem Zeitpunkt, und die anderen beginnen mit leeren Segmenten.</translation>
    </message>
    <message>
      <source>To all frames</source>
      <translation>Zu allen Zeitpunkten</translation>
    </message>
    <message>
      <source>To the next frame</source>
      <translation>Zum nächsten Zeitpunkt</translation>
    </message>
  </context>
  <context>
    <name>view.Shortcuts</name>
    <message>
      <source>1 to 3</source>
      <translation>1 bis 3</translation>
    </message>
    <message>
      <source>Backspace</source>
      <translation>Rücktaste</translation>
    </message>
    <message>
      <source>Ctrl + drag</source>
      <translation>Strg + Ziehen</translation>
    </message>
    <message>
      <source>Ctrl + left-click</source>
      <translation>Strg + Linksklick</translation>
    </message>
    <message>
      <source>Enter</source>
      <translation>Eingabetaste</translation>
    </message>
    <message>
      <source>Escape</source>
      <translation>Escape</translation>
    </message>
    <message>
      <source>Left-button drag</source>
      <translation>Ziehen mit links</translation>
    </message>
    <message>
      <source>Left-click</source>
      <translation>Linksklick</translation>
    </message>
    <message>
      <source>Left-click where it was carried to</source>
      <translation>Linksklick, wohin es getragen wurde</translation>
    </message>
    <message>
      <source>a box around the object; with Scribble a line over it, with Lasso a line around it that closes itself</source>
      <translation>ein Rahmen um das Objekt; mit Strich eine Linie darüber, mit Lasso eine Linie darum, die sich schließt</translation>
    </message>
    <message>
      <source>a point on the object</source>
      <translation>ein Punkt auf dem Objekt</translation>
    </message>
    <message>
      <source>a point that does not belong to it; so does the button Background</source>
      <translation>ein Punkt, der nicht dazugehört; ebenso der Knopf Hintergrund</translation>
    </message>
    <message>
      <source>accept the preview</source>
      <translation>nimmt die Vorschau an</translation>
    </message>
    <message>
      <source>accept the preview and add the slice to the exemplars, also in the place of its earlier labels</source>
      <translation>nimmt die Vorschau an und fügt die Schicht den Beispielen hinzu, auch anstelle früherer Labels</translation>
    </message>
    <message>
      <source>accept this slice as it is, so that no correction changes it; once more: release it</source>
      <translation>nimmt diese Schicht an, wie sie ist, sodass keine Korrektur sie ändert; noch einmal: gibt sie frei</translation>
    </message>
    <message>
      <source>as long as it is held: show what a click at the mouse would give; nothing of it is kept</source>
      <translation>solange gehalten: zeigt, was ein Klick an der Maus ergäbe; nichts davon bleibt</translation>
    </message>
    <message>
      <source>drags are scribbles, lassos; once more: boxes again</source>
      <translation>Ziehen zeichnet Striche, Lassos; noch einmal: wieder Rahmen</translation>
    </message>
    <message>
      <source>drop the preview</source>
      <translation>verwirft die Vorschau</translation>
    </message>
    <message>
      <source>mends the segment there, and on the slices beside as far as that changes them</source>
      <translation>bessert das Segment dort aus, und auf den Schichten daneben, soweit sich dort etwas ändert</translation>
    </message>
    <message>
      <source>of the masks that one click may mean, the smallest to the largest; 0: the one trusted most</source>
      <translation>von den Masken, die ein Klick meinen kann, die kleinste bis größte; 0: die verlässlichste</translation>
    </message>
    <message>
      <source>show this list</source>
      <translation>zeigt diese Liste</translation>
    </message>
    <message>
      <source>take the last point, box or line back</source>
      <translation>nimmt letzten Punkt, Rahmen oder Strich zurück</translation>
    </message>
    <message>
      <source>the previous, the next slice of this view that has prompts, or of which the model was not sure</source>
      <translation>die vorige, die nächste Schicht dieser Ansicht mit Eingaben oder bei der das Modell unsicher war</translation>
    </message>
    <message>
      <source>with Scribble: a line over what does not belong to the object</source>
      <translation>mit Strich: eine Linie über das, was nicht zum Objekt gehört</translation>
    </message>
  </context>
  <context>
    <name>view.SliceTour</name>
    <message>
      <source>Axial</source>
      <translation>Axial</translation>
    </message>
    <message>
      <source>Click to show this slice. The bar is the overlap (IoU) that the model expects.</source>
      <translation>Klicken zeigt diese Schicht. Der Balken ist die Überlappung (IoU), die das Modell erwartet.</translation>
    </message>
    <message>
      <source>Coronal</source>
      <translation>Koronal</translation>
    </message>
    <message>
      <source>No further slice with prompts or doubt this way.</source>
      <translation>In dieser Richtung keine weitere Schicht mit Eingaben oder Zweifeln.</translation>
    </message>
    <message>
      <source>Sagittal</source>
      <translation>Sagittal</translation>
    </message>
    <message>
      <source>This view is oblique to the volume's own slices.</source>
      <translation>Diese Ansicht liegt schräg zu den Schichten des Volumens.</translation>
    </message>
    <message>
      <source>accepted</source>
      <translation>angenommen</translation>
    </message>
    <message>
      <source>nothing kept</source>
      <translation>nichts behalten</translation>
    </message>
    <message>
      <source>prompts</source>
      <translation>Eingaben</translation>
    </message>
  </context>
  <context>
    <name>worker.InferenceSession</name>
    <message>
      <source>Choose a volume first</source>
      <translation>Zuerst ein Volumen wählen</translation>
    </message>
    <message>
      <source>Exit code {code}</source>
      <translation>Exit-Code {code}</translation>
    </message>
    <message>
      <source>No volume is chosen</source>
      <translation>Kein Volumen gewählt</translation>
    </message>
  </context>
  <context>
    <name>worker.TrainingSession</name>
    <message>
      <source>checking on the held-out patients</source>
      <translation>Prüfung auf den zurückgehaltenen Patienten</translation>
    </message>
    <message>
      <source>final check, and writing the result</source>
      <translation>letzte Prüfung, das Ergebnis wird geschrieben</translation>
    </message>
    <message>
      <source>loading the base model</source>
      <translation>das Basismodell wird geladen</translation>
    </message>
    <message>
      <source>reading the exemplars</source>
      <translation>die Beispiele werden gelesen</translation>
    </message>
    <message>
      <source>reading the images</source>
      <translation>die Bilder werden gelesen</translation>
    </message>
    <message>
      <source>short trainings without one patient each, to compare on that one</source>
      <translation>kurze Trainings ohne je einen Patienten, um auf diesem zu vergleichen</translation>
    </message>
    <message>
      <source>trying the first steps</source>
      <translation>die ersten Schritte werden probiert</translation>
    </message>
  </context>
</TS>
