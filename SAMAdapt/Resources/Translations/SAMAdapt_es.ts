<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="es_ES" sourcelanguage="en">
  <context>
    <name>AdapterStep</name>
    <message>
      <source> mm</source>
      <translation> mm</translation>
    </message>
    <message>
      <source>Adapters on this computer. Double-click one to use it.</source>
      <translation>Adaptadores en este equipo. Haga doble clic en uno para usarlo.</translation>
    </message>
    <message>
      <source>Adapters that others have published in a folder or on a web server.</source>
      <translation>Adaptadores que otros han publicado en una carpeta o en un servidor web.</translation>
    </message>
    <message>
      <source>Add an adapter from a file that was exported.</source>
      <translation>Añadir un adaptador desde un archivo exportado.</translation>
    </message>
    <message>
      <source>Add the selected adapter to those on this computer. Stop keeps what has come from a web server, and the next time goes on from there.</source>
      <translation>Añadir el adaptador seleccionado a los de este equipo. Detener conserva lo que ya llegó del servidor web; la próxima vez se sigue desde ahí.</translation>
    </message>
    <message>
      <source>Address (https://...) or folder, as whoever publishes there has told it.</source>
      <translation>Dirección (https://...) o carpeta, según indique quien publica allí.</translation>
    </message>
    <message>
      <source>Browse</source>
      <translation>Explorar</translation>
    </message>
    <message>
      <source>Cells of the study that are done. A cell is one model, trained and tested.</source>
      <translation>Celdas terminadas del estudio. Una celda es un modelo, entrenado y probado.</translation>
    </message>
    <message>
      <source>Choose a folder in place of an address.</source>
      <translation>Elegir una carpeta en lugar de una dirección.</translation>
    </message>
    <message>
      <source>Classes</source>
      <translation>Clases</translation>
    </message>
    <message>
      <source>Compare the segmentation chosen at the top with the reference: Dice, IoU, HD95 and NSD of each structure.</source>
      <translation>Comparar la segmentación elegida arriba con la referencia: Dice, IoU, HD95 y NSD de cada estructura.</translation>
    </message>
    <message>
      <source>Date</source>
      <translation>Fecha</translation>
    </message>
    <message>
      <source>Delete the selected adapter from this computer.</source>
      <translation>Eliminar de este equipo el adaptador seleccionado.</translation>
    </message>
    <message>
      <source>Delete...</source>
      <translation>Eliminar...</translation>
    </message>
    <message>
      <source>Description of your own (TOML). samadapt study PRESET --show prints one to begin with.</source>
      <translation>Descripción propia (TOML). samadapt study PRESET --show muestra una para empezar.</translation>
    </message>
    <message>
      <source>Description:</source>
      <translation>Descripción:</translation>
    </message>
    <message>
      <source>Design:</source>
      <translation>Diseño:</translation>
    </message>
    <message>
      <source>Dice</source>
      <translation>Dice</translation>
    </message>
    <message>
      <source>Do what is left of the study, beside the application. Stop keeps all that is finished, and the next run goes on from there, also after a restart.</source>
      <translation>Hacer lo que queda del estudio, junto a la aplicación. Detener conserva todo lo terminado, y la próxima ejecución sigue desde ahí, también tras un reinicio.</translation>
    </message>
    <message>
      <source>Evaluate the segmentation</source>
      <translation>Evaluar la segmentación</translation>
    </message>
    <message>
      <source>Export...</source>
      <translation>Exportar...</translation>
    </message>
    <message>
      <source>Fetch</source>
      <translation>Obtener</translation>
    </message>
    <message>
      <source>Folder for the results and all that is trained. What is finished there stays, and a run goes on where the last one was.</source>
      <translation>Carpeta para los resultados y todo lo entrenado. Lo que allí está terminado permanece, y una ejecución sigue donde quedó la anterior.</translation>
    </message>
    <message>
      <source>Folder...</source>
      <translation>Carpeta...</translation>
    </message>
    <message>
      <source>Give the selected adapter another name.</source>
      <translation>Dar otro nombre al adaptador seleccionado.</translation>
    </message>
    <message>
      <source>How much of the adapter has come.</source>
      <translation>Cuánto del adaptador ha llegado.</translation>
    </message>
    <message>
      <source>Import...</source>
      <translation>Importar...</translation>
    </message>
    <message>
      <source>List what is published there.</source>
      <translation>Listar lo que hay publicado allí.</translation>
    </message>
    <message>
      <source>Method</source>
      <translation>Método</translation>
    </message>
    <message>
      <source>Model card of the selected adapter.</source>
      <translation>Ficha de modelo del adaptador seleccionado.</translation>
    </message>
    <message>
      <source>Name</source>
      <translation>Nombre</translation>
    </message>
    <message>
      <source>Output folder:</source>
      <translation>Carpeta de salida:</translation>
    </message>
    <message>
      <source>Points, boxes, boxes with a click and propagation on slices that the training held out, answered with the base weights and with the adapter. A plain point is answered by the adapter alone, without a box grown from the point.</source>
      <translation>Puntos, cajas, cajas con un clic y propagación en cortes que el entrenamiento reservó, respondidos con los pesos base y con el adaptador. Un simple punto lo responde solo el adaptador, sin una caja crecida desde el punto.</translation>
    </message>
    <message>
      <source>Published adapters</source>
      <translation>Adaptadores publicados</translation>
    </message>
    <message>
      <source>Put the segmentation chosen at the top into the DICOM database, as a DICOM segmentation beside the series of its volume, which has to come from there. It says whose it is, as the series does.</source>
      <translation>Poner la segmentación elegida arriba en la base de datos DICOM, como segmentación DICOM junto a la serie de su volumen, que debe proceder de allí. Nombra al paciente, igual que la serie.</translation>
    </message>
    <message>
      <source>Reference:</source>
      <translation>Referencia:</translation>
    </message>
    <message>
      <source>Refuse what has been signed by none of the keys in your folder of trusted keys; see the tutorial.</source>
      <translation>Rechazar lo que no esté firmado con ninguna de las claves de su carpeta de claves de confianza; véase el tutorial.</translation>
    </message>
    <message>
      <source>Rename...</source>
      <translation>Renombrar...</translation>
    </message>
    <message>
      <source>Results; each further evaluation adds its rows.</source>
      <translation>Resultados; cada evaluación posterior añade sus filas.</translation>
    </message>
    <message>
      <source>Run study</source>
      <translation>Ejecutar el estudio</translation>
    </message>
    <message>
      <source>Save the segmentation as DICOM SEG</source>
      <translation>Guardar la segmentación como DICOM SEG</translation>
    </message>
    <message>
      <source>Scans (CSV):</source>
      <translation>Imágenes (CSV):</translation>
    </message>
    <message>
      <source>Segment with the base model, without an adapter.</source>
      <translation>Segmentar con el modelo base, sin adaptador.</translation>
    </message>
    <message>
      <source>Segment with the selected adapter from now on.</source>
      <translation>Segmentar a partir de ahora con el adaptador seleccionado.</translation>
    </message>
    <message>
      <source>Segmentation that counts as right. Structures are matched by name.</source>
      <translation>Segmentación que se toma como correcta. Las estructuras se emparejan por nombre.</translation>
    </message>
    <message>
      <source>Select a segmentation</source>
      <translation>Seleccione una segmentación</translation>
    </message>
    <message>
      <source>Show report</source>
      <translation>Mostrar informe</translation>
    </message>
    <message>
      <source>Signed by a key that I trust only</source>
      <translation>Solo firmas de confianza</translation>
    </message>
    <message>
      <source>Spread of the results over all evaluated cases.</source>
      <translation>Dispersión de los resultados en todos los casos evaluados.</translation>
    </message>
    <message>
      <source>Study</source>
      <translation>Estudio</translation>
    </message>
    <message>
      <source>Surface distance that the normalised surface Dice (NSD) forgives.</source>
      <translation>Distancia de superficie que tolera el Dice de superficie normalizado (NSD).</translation>
    </message>
    <message>
      <source>Table of your scans with the columns image, labels, patient and split (train or test). Left empty, that of the description counts.</source>
      <translation>Tabla de sus imágenes con las columnas image, labels, patient y split (train o test). Si se deja vacío, vale la de la descripción.</translation>
    </message>
    <message>
      <source>The adapter that the Segment Editor effect and the console use.</source>
      <translation>El adaptador que usan el efecto del Editor de Segmento y la consola.</translation>
    </message>
    <message>
      <source>Tolerance:</source>
      <translation>Tolerancia:</translation>
    </message>
    <message>
      <source>Train and test models on many scans, on few and on many labelled slices, with several seeds, and compare them in one report.</source>
      <translation>Entrenar y probar modelos con muchas imágenes, con pocos y con muchos cortes etiquetados, con varias semillas, y compararlos en un informe.</translation>
    </message>
    <message>
      <source>Use</source>
      <translation>Usar</translation>
    </message>
    <message>
      <source>Use none</source>
      <translation>No usar ninguno</translation>
    </message>
    <message>
      <source>Weights:</source>
      <translation>Pesos:</translation>
    </message>
    <message>
      <source>What has come of it.</source>
      <translation>Lo que ha resultado.</translation>
    </message>
    <message>
      <source>What is compared: a preset, which follows a paper's design, or a description of your own.</source>
      <translation>Lo que se compara: un preajuste, que sigue el diseño de un artículo, o una descripción propia.</translation>
    </message>
    <message>
      <source>What is published there. Dice is that on patients whom the training held out, as the model card tells it.</source>
      <translation>Lo que hay publicado allí. Dice es el obtenido en pacientes que el entrenamiento reservó, según la ficha de modelo.</translation>
    </message>
    <message>
      <source>What the study is doing, and about how long it takes.</source>
      <translation>Qué está haciendo el estudio y cuánto tarda aproximadamente.</translation>
    </message>
    <message>
      <source>What was saved in the DICOM database, and what was not.</source>
      <translation>Qué se guardó en la base de datos DICOM y qué no.</translation>
    </message>
    <message>
      <source>Which weights answer where an adapter is in use.</source>
      <translation>Qué pesos responden cuando se usa un adaptador.</translation>
    </message>
    <message>
      <source>Which weights answer where an adapter is in use: for each kind of prompt those that were better on slices that its training held out, or always the same ones.</source>
      <translation>Qué pesos responden cuando se usa un adaptador: para cada tipo de indicación los que fueron mejores en los cortes reservados por su entrenamiento, o siempre los mismos.</translation>
    </message>
    <message>
      <source>Who has signed the selected adapter, as is said there; whether that holds is found out when it is fetched. Then the terms under which it is handed on.</source>
      <translation>Quién ha firmado el adaptador seleccionado, según se dice allí; si es cierto se comprueba al obtenerlo. Después, las condiciones en que se distribuye.</translation>
    </message>
    <message>
      <source>Who has signed the selected adapter. Keys that you trust lie in a folder of your own; see the tutorial.</source>
      <translation>Quién ha firmado el adaptador seleccionado. Las claves de confianza están en una carpeta suya; véase el tutorial.</translation>
    </message>
    <message>
      <source>Write the report of what is there, also of a study that is still going on, and show it in the web browser.</source>
      <translation>Escribir el informe de lo que hay, también de un estudio en curso, y mostrarlo en el navegador web.</translation>
    </message>
    <message>
      <source>Write the selected adapter and its model card into one file to pass on.</source>
      <translation>Escribir el adaptador seleccionado y su ficha de modelo en un archivo para compartirlo.</translation>
    </message>
    <message>
      <source>https://... or a folder</source>
      <translation>https://... o una carpeta</translation>
    </message>
  </context>
  <context>
    <name>Channels</name>
    <message>
      <source>Another sequence of the same patient, which the model sees together with the volume. Kept with the volume.</source>
      <translation>Otra secuencia del mismo paciente, que el modelo ve junto con el volumen. Se guarda con el volumen.</translation>
    </message>
    <message>
      <source>Bring volumes that lie on another grid onto that of the first, by linear interpolation. The volumes themselves stay as they are.</source>
      <translation>Llevar los volúmenes de otra rejilla a la del primero, por interpolación lineal. Los volúmenes mismos no cambian.</translation>
    </message>
    <message>
      <source>One more. An adapter wants as many as it was trained with, in that order.</source>
      <translation>Uno más. Un adaptador necesita tantos como en su entrenamiento, en el mismo orden.</translation>
    </message>
    <message>
      <source>Resample where grids differ</source>
      <translation>Remuestrear si las rejillas difieren</translation>
    </message>
    <message>
      <source>nothing else</source>
      <translation>nada más</translation>
    </message>
  </context>
  <context>
    <name>ComputerStep</name>
    <message>
      <source>Computer that segments in place of this one, as host:port; see "samadapt serve". Empty: this computer works by itself. Training stays on this computer.</source>
      <translation>Equipo que segmenta en lugar de este, como host:port; véase "samadapt serve". Vacío: este equipo trabaja por sí mismo. El entrenamiento se queda en este equipo.</translation>
    </message>
    <message>
      <source>Delete</source>
      <translation>Eliminar</translation>
    </message>
    <message>
      <source>Delete the embeddings that are kept on disk. Slices are then looked at anew, which takes a moment each.</source>
      <translation>Eliminar los embeddings guardados en el disco. Los cortes se vuelven a analizar, lo que lleva un momento cada uno.</translation>
    </message>
    <message>
      <source>Device:</source>
      <translation>Dispositivo:</translation>
    </message>
    <message>
      <source>File with the token that the server was started with.</source>
      <translation>Archivo con el token con el que se inició el servidor.</translation>
    </message>
    <message>
      <source>Kept embeddings:</source>
      <translation>Embeddings guardados:</translation>
    </message>
    <message>
      <source>Server:</source>
      <translation>Servidor:</translation>
    </message>
    <message>
      <source>Token file:</source>
      <translation>Archivo del token:</translation>
    </message>
    <message>
      <source>What fine-tuning and segmenting run on, on this computer. Automatic takes a graphics card where there is one.</source>
      <translation>En qué se ejecutan el ajuste fino y la segmentación en este equipo. Automático toma una tarjeta gráfica si la hay.</translation>
    </message>
    <message>
      <source>What the model has seen of slices, kept so that they need not be looked at again. It can be deleted at any time.</source>
      <translation>Lo que el modelo ha visto de los cortes, guardado para no volver a analizarlos. Puede eliminarse en cualquier momento.</translation>
    </message>
    <message>
      <source>Where slices are segmented.</source>
      <translation>Dónde se segmentan los cortes.</translation>
    </message>
    <message>
      <source>none: this computer</source>
      <translation>ninguno: este equipo</translation>
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
      <translation> cortes</translation>
    </message>
    <message>
      <source>Add all ticked suggestions to the library.</source>
      <translation>Añadir a la biblioteca todas las sugerencias marcadas.</translation>
    </message>
    <message>
      <source>Add as background</source>
      <translation>Añadir como fondo</translation>
    </message>
    <message>
      <source>Add current slice</source>
      <translation>Añadir corte actual</translation>
    </message>
    <message>
      <source>Add ticked slices</source>
      <translation>Añadir cortes marcados</translation>
    </message>
    <message>
      <source>Blank beyond:</source>
      <translation>Borrar más allá:</translation>
    </message>
    <message>
      <source>Copy the shown slice as one without any label: synthesis pastes organs onto it, and training learns from it what is not there.</source>
      <translation>Copiar el corte mostrado como uno sin ninguna etiqueta: la síntesis pega órganos en él, y el entrenamiento aprende de él lo que no está.</translation>
    </message>
    <message>
      <source>Copy the slice shown in the slice view into the library, with the labels of the segmentation. If the library has that slice already, the labels as they are now take the place of the earlier ones.</source>
      <translation>Copiar a la biblioteca el corte mostrado en la vista de corte, con las etiquetas de la segmentación. Si la biblioteca ya tiene ese corte, las etiquetas actuales reemplazan a las anteriores.</translation>
    </message>
    <message>
      <source>Delete the selected exemplars from the library folder.</source>
      <translation>Eliminar de la carpeta de la biblioteca los ejemplos seleccionados.</translation>
    </message>
    <message>
      <source>Direction in which the slices are stacked. All exemplars of one library should share it.</source>
      <translation>Dirección en que se apilan los cortes. Todos los ejemplos de una biblioteca deberían compartirla.</translation>
    </message>
    <message>
      <source>Find</source>
      <translation>Buscar</translation>
    </message>
    <message>
      <source>Folder of the exemplar library. It holds pixels and labels only, nothing that names a patient.</source>
      <translation>Carpeta de la biblioteca de ejemplos. Solo contiene píxeles y etiquetas, nada que nombre a un paciente.</translation>
    </message>
    <message>
      <source>Grey levels:</source>
      <translation>Niveles de gris:</translation>
    </message>
    <message>
      <source>How many slices to name, the one that would add most first.</source>
      <translation>Cuántos cortes nombrar, primero el que más aportaría.</translation>
    </message>
    <message>
      <source>How many slices to suggest.</source>
      <translation>Cuántos cortes sugerir.</translation>
    </message>
    <message>
      <source>Library folder:</source>
      <translation>Carpeta de la biblioteca:</translation>
    </message>
    <message>
      <source>Look through volumes that need no labels, and name the slices worth labelling next: those that stand for many which no exemplar is like, where the structures are expected, with what the adapter in use doubts. It takes the better part of a second a slice, 120 slices at most.</source>
      <translation>Examinar volúmenes, que no necesitan etiquetas, y nombrar los cortes que conviene etiquetar a continuación: los que representan a muchos a los que ningún ejemplo se parece, donde se esperan las estructuras, y aquellos de los que duda el adaptador en uso. Tarda casi un segundo por corte, 120 cortes como máximo.</translation>
    </message>
    <message>
      <source>Neighbours:</source>
      <translation>Vecinos:</translation>
    </message>
    <message>
      <source>Number of exemplars for each class.</source>
      <translation>Número de ejemplos de cada clase.</translation>
    </message>
    <message>
      <source>Optional, stored as a hash</source>
      <translation>Opcional, se guarda como hash</translation>
    </message>
    <message>
      <source>Optional: any text that is the same for all scans of one patient, so that validation never sees a patient of the training. Only a salted hash of it is stored.</source>
      <translation>Opcional: cualquier texto que sea el mismo en todas las imágenes de un paciente, para que la validación nunca vea a un paciente del entrenamiento. Solo se guarda un hash con sal.</translation>
    </message>
    <message>
      <source>Patient:</source>
      <translation>Paciente:</translation>
    </message>
    <message>
      <source>Pixels of a head can show a face. What is farther than this from the labels on each slice is blanked; a label near the face keeps the face. A library that was begun so goes on so.</source>
      <translation>Los píxeles de una cabeza pueden mostrar una cara. Lo que en cada corte está más lejos que esto de las etiquetas se borra; una etiqueta cerca de la cara la conserva. Una biblioteca empezada así sigue así.</translation>
    </message>
    <message>
      <source>Remove selected</source>
      <translation>Quitar selección</translation>
    </message>
    <message>
      <source>Slice axis:</source>
      <translation>Eje de corte:</translation>
    </message>
    <message>
      <source>Slices looked at. Stop ends it; what the model has seen is kept, and a next call is faster.</source>
      <translation>Cortes analizados. Detener lo termina; lo que el modelo ha visto se conserva, y la próxima vez es más rápido.</translation>
    </message>
    <message>
      <source>Slices on each side to keep with every exemplar, for methods that see a stack of slices (Medical SAM Adapter with depth). 0 for all other methods.</source>
      <translation>Cortes a cada lado que se guardan con cada ejemplo, para métodos que ven una pila de cortes (Medical SAM Adapter con profundidad). 0 para los demás métodos.</translation>
    </message>
    <message>
      <source>Slices that nobody has labelled yet, and that would add most to the library.</source>
      <translation>Cortes que nadie ha etiquetado aún y que más aportarían a la biblioteca.</translation>
    </message>
    <message>
      <source>Slices worth labelling next, and why. Click one to show it in the slice views.</source>
      <translation>Cortes que conviene etiquetar a continuación, y por qué. Haga clic en uno para mostrarlo en las vistas de corte.</translation>
    </message>
    <message>
      <source>Suggest labelled slices of this volume as exemplars.</source>
      <translation>Sugerir cortes etiquetados de este volumen como ejemplos.</translation>
    </message>
    <message>
      <source>Suggest next slice</source>
      <translation>Sugerir el corte siguiente</translation>
    </message>
    <message>
      <source>Suggest:</source>
      <translation>Sugerir:</translation>
    </message>
    <message>
      <source>Suggested slices: click one to show it, untick those that should not be added.</source>
      <translation>Cortes sugeridos: haga clic en uno para mostrarlo, desmarque los que no deban añadirse.</translation>
    </message>
    <message>
      <source>The exemplars, labels in colour. Select some to remove them.</source>
      <translation>Los ejemplos, con etiquetas en color. Seleccione algunos para quitarlos.</translation>
    </message>
    <message>
      <source>The library is empty.</source>
      <translation>La biblioteca está vacía.</translation>
    </message>
    <message>
      <source>Unlabelled:</source>
      <translation>Sin etiquetas:</translation>
    </message>
    <message>
      <source>What became of the slices that were added last.</source>
      <translation>Qué ha sido de los últimos cortes añadidos.</translation>
    </message>
    <message>
      <source>Where to look: in all volumes of the scene that are CT as the one at the top is, or no CT as it is not; or in that one only.</source>
      <translation>Dónde buscar: en todos los volúmenes de la escena que, como el de arriba, sean o no TC; o solo en ese.</translation>
    </message>
    <message>
      <source>library: as the exemplars that are there already, or chosen from the voxel values for the first one. displayed: the window and level of the slice views.</source>
      <translation>biblioteca: como los ejemplos que ya hay, o elegido por los valores de vóxel para el primero. como se muestra: la ventana y el nivel de las vistas de corte.</translation>
    </message>
    <message>
      <source>nothing</source>
      <translation>nada</translation>
    </message>
  </context>
  <context>
    <name>SAMAdapt</name>
    <message>
      <source>1. Exemplars</source>
      <translation>1. Ejemplos</translation>
    </message>
    <message>
      <source>2. Synthesis</source>
      <translation>2. Síntesis</translation>
    </message>
    <message>
      <source>3. Fine-tune</source>
      <translation>3. Ajuste fino</translation>
    </message>
    <message>
      <source>4. Use and evaluate</source>
      <translation>4. Usar y evaluar</translation>
    </message>
    <message>
      <source>Adapt a base model to the exemplars on this computer.</source>
      <translation>Adaptar en este equipo un modelo base a los ejemplos.</translation>
    </message>
    <message>
      <source>Adapts Segment Anything models to your anatomy with a handful of labelled slices, on this computer. Prompts are given with the effect SAM Adapt of the Segment Editor.</source>
      <translation>Adapta modelos Segment Anything a su anatomía con un puñado de cortes etiquetados, en este equipo. Las indicaciones se dan con el efecto SAM Adapt del Editor de Segmento.</translation>
    </message>
    <message>
      <source>All loaded volumes</source>
      <translation>Todos los volúmenes cargados</translation>
    </message>
    <message>
      <source>Choose an adapter and measure how well it segments.</source>
      <translation>Elegir un adaptador y medir lo bien que segmenta.</translation>
    </message>
    <message>
      <source>Collect a handful of labelled slices in a folder.</source>
      <translation>Reunir un puñado de cortes etiquetados en una carpeta.</translation>
    </message>
    <message>
      <source>Fine-tuning follows Cheap Lunch for Medical Image Segmentation (Feng et al., arXiv 2308.14133); the base models are Segment Anything (Kirillov et al.), MedSAM and LiteMedSAM (Ma et al.), and MobileSAM (Zhang et al.).</source>
      <translation>El ajuste fino sigue Cheap Lunch for Medical Image Segmentation (Feng et al., arXiv 2308.14133); los modelos base son Segment Anything (Kirillov et al.), MedSAM y LiteMedSAM (Ma et al.), y MobileSAM (Zhang et al.).</translation>
    </message>
    <message>
      <source>How training slices are made from the exemplars.</source>
      <translation>Cómo se hacen cortes de entrenamiento a partir de los ejemplos.</translation>
    </message>
    <message>
      <source>SAM Adapt</source>
      <translation>SAM Adapt</translation>
    </message>
    <message>
      <source>Segment all loaded volumes, one after the other.</source>
      <translation>Segmentar todos los volúmenes cargados, uno tras otro.</translation>
    </message>
    <message>
      <source>Segmentation</source>
      <translation>Segmentación</translation>
    </message>
    <message>
      <source>Segmentation:</source>
      <translation>Segmentación:</translation>
    </message>
    <message>
      <source>Select a segmentation</source>
      <translation>Seleccione una segmentación</translation>
    </message>
    <message>
      <source>Select a volume</source>
      <translation>Seleccione un volumen</translation>
    </message>
    <message>
      <source>The scan to take slices from and to segment.</source>
      <translation>La imagen de la que se toman cortes y que se segmenta.</translation>
    </message>
    <message>
      <source>The segmentation that belongs to the volume: source of exemplars, and what is evaluated.</source>
      <translation>La segmentación que corresponde al volumen: origen de los ejemplos y lo que se evalúa.</translation>
    </message>
    <message>
      <source>This computer</source>
      <translation>Este equipo</translation>
    </message>
    <message>
      <source>Volume:</source>
      <translation>Volumen:</translation>
    </message>
    <message>
      <source>What the work runs on, and what is kept on disk.</source>
      <translation>En qué se ejecuta el trabajo y qué se guarda en el disco.</translation>
    </message>
  </context>
  <context>
    <name>SegmentEditorSAMAdapt</name>
    <message>
      <source> slices</source>
      <translation> cortes</translation>
    </message>
    <message>
      <source> slices missed</source>
      <translation> cortes fallidos</translation>
    </message>
    <message>
      <source>+ Object</source>
      <translation>+ Objeto</translation>
    </message>
    <message>
      <source>A slice counts only if its mask overlaps the mask of the slice before by at least this much (intersection over union).</source>
      <translation>Un corte solo cuenta si su máscara se solapa al menos en esta medida con la del corte anterior (intersección sobre unión).</translation>
    </message>
    <message>
      <source>Accept</source>
      <translation>Aceptar</translation>
    </message>
    <message>
      <source>Accept slice</source>
      <translation>Aceptar corte</translation>
    </message>
    <message>
      <source>Accept the preview, and add all slices along this view on which you have set prompts for the selected segment: those that you have corrected after a propagation. What the library has of them already is replaced.</source>
      <translation>Aceptar la vista previa y añadir todos los cortes de esta vista en los que ha puesto indicaciones para el segmento seleccionado: los que ha corregido tras una propagación. Lo que la biblioteca ya tenga de ellos se reemplaza.</translation>
    </message>
    <message>
      <source>Accept the preview, and add the slice last clicked on, as it is labelled now, to the exemplar library that adapters are trained on. If the library has that slice already, the labels as they are now take the place of the earlier ones. (X)</source>
      <translation>Aceptar la vista previa y añadir el último corte pulsado, tal como está etiquetado ahora, a la biblioteca de ejemplos con la que se entrenan los adaptadores. Si la biblioteca ya tiene ese corte, las etiquetas actuales reemplazan a las anteriores. (X)</translation>
    </message>
    <message>
      <source>Accept, and begin another object of this segment with the next prompt, also on this slice.</source>
      <translation>Aceptar, y empezar otro objeto de este segmento con la siguiente indicación, también en este corte.</translation>
    </message>
    <message>
      <source>Adapter:</source>
      <translation>Adaptador:</translation>
    </message>
    <message>
      <source>Add prompted</source>
      <translation>Cortes indicados</translation>
    </message>
    <message>
      <source>Add slice to exemplars</source>
      <translation>Corte a ejemplos</translation>
    </message>
    <message>
      <source>An adapter from the shelf, trained on few labelled slices. It brings its base model and its intensity mapping along.</source>
      <translation>Un adaptador de la colección, entrenado con pocos cortes etiquetados. Trae su modelo base y su escala de grises.</translation>
    </message>
    <message>
      <source>Auto</source>
      <translation>Auto</translation>
    </message>
    <message>
      <source>Base model. An adapter brings its own.</source>
      <translation>Modelo base. Un adaptador trae el suyo.</translation>
    </message>
    <message>
      <source>Base model:</source>
      <translation>Modelo base:</translation>
    </message>
    <message>
      <source>Box</source>
      <translation>Caja</translation>
    </message>
    <message>
      <source>By the model's memory</source>
      <translation>Memoria del modelo</translation>
    </message>
    <message>
      <source>Carry corrections on to the slices beside, as far as they change anything there.</source>
      <translation>Propagar las correcciones a los cortes vecinos, mientras cambien algo allí.</translation>
    </message>
    <message>
      <source>Carry on</source>
      <translation>Propagar</translation>
    </message>
    <message>
      <source>Carry the object from slice to slice, from every slice with prompts on it.</source>
      <translation>Llevar el objeto de corte en corte, desde cada corte con indicaciones.</translation>
    </message>
    <message>
      <source>Clicks mark the object. Ctrl+click marks what does not belong to it.</source>
      <translation>Los clics marcan el objeto. Ctrl+clic marca lo que no pertenece a él.</translation>
    </message>
    <message>
      <source>Clicks mark what does not belong to the object.</source>
      <translation>Los clics marcan lo que no pertenece al objeto.</translation>
    </message>
    <message>
      <source>Continue from this segment</source>
      <translation>Continuar este segmento</translation>
    </message>
    <message>
      <source>Correct</source>
      <translation>Corregir</translation>
    </message>
    <message>
      <source>Device:</source>
      <translation>Dispositivo:</translation>
    </message>
    <message>
      <source>Drag a box around the object. A click without a drag is a point, whatever is chosen here.</source>
      <translation>Arrastrar una caja alrededor del objeto. Un clic sin arrastrar es un punto, se elija lo que se elija aquí.</translation>
    </message>
    <message>
      <source>Drag a line around the object; it closes itself when the button is released (L).</source>
      <translation>Arrastrar una línea alrededor del objeto; se cierra sola al soltar el botón (L).</translation>
    </message>
    <message>
      <source>Drag a line over the object; with Ctrl, or with Background, over what does not belong to it (S).</source>
      <translation>Arrastrar una línea sobre el objeto; con Ctrl, o con Fondo, sobre lo que no pertenece a él (S).</translation>
    </message>
    <message>
      <source>Drop</source>
      <translation>Descartar</translation>
    </message>
    <message>
      <source>Drop all prompts that are not accepted; while the model goes through the volume: stop and write nothing (Escape).</source>
      <translation>Descartar todas las indicaciones no aceptadas; mientras el modelo recorre el volumen: detener y no escribir nada (Escape).</translation>
    </message>
    <message>
      <source>End after:</source>
      <translation>Fin tras:</translation>
    </message>
    <message>
      <source>Find</source>
      <translation>Buscar</translation>
    </message>
    <message>
      <source>Fine-tuned on your exemplars.</source>
      <translation>Ajustado con sus ejemplos.</translation>
    </message>
    <message>
      <source>Give up waiting; what goes through the volume writes what it has found so far.</source>
      <translation>Dejar de esperar; lo que recorre el volumen escribe lo encontrado hasta ahora.</translation>
    </message>
    <message>
      <source>Grey levels:</source>
      <translation>Niveles de gris:</translation>
    </message>
    <message>
      <source>How many slices beyond the outermost prompts, in each direction.</source>
      <translation>Cuántos cortes más allá de las indicaciones extremas, en cada dirección.</translation>
    </message>
    <message>
      <source>How many slices beyond the outermost prompts.</source>
      <translation>Cuántos cortes más allá de las indicaciones extremas.</translation>
    </message>
    <message>
      <source>In both directions.</source>
      <translation>En ambas direcciones.</translation>
    </message>
    <message>
      <source>Lasso</source>
      <translation>Lazo</translation>
    </message>
    <message>
      <source>Least overlap:</source>
      <translation>Solape mínimo:</translation>
    </message>
    <message>
      <source>Look for what these words name on all slices, and add it to the selected segment.</source>
      <translation>Buscar en todos los cortes lo que nombran estas palabras y añadirlo al segmento seleccionado.</translation>
    </message>
    <message>
      <source>Mask:</source>
      <translation>Máscara:</translation>
    </message>
    <message>
      <source>Mend a segment that is there already, whoever has made it.</source>
      <translation>Corregir un segmento que ya existe, lo haya hecho quien lo haya hecho.</translation>
    </message>
    <message>
      <source>New object</source>
      <translation>Nuevo objeto</translation>
    </message>
    <message>
      <source>On: clicks, boxes and lines mend what the selected segment has on a slice, also where another tool has drawn it, and are written at once. One undo takes each back. New object ends it.</source>
      <translation>Activado: clics, cajas y líneas corrigen lo que el segmento elegido tiene en un corte, aunque lo haya dibujado otra herramienta, y se escriben al momento. Deshacer quita cada uno. Nuevo objeto lo termina.</translation>
    </message>
    <message>
      <source>On: the answer is shown half-transparent, and Enter writes it. Off: each prompt is written at once, and replaces what these prompts had written before.</source>
      <translation>Activado: la respuesta se muestra semitransparente, e Intro la escribe. Desactivado: cada indicación se escribe al momento y reemplaza lo que estas indicaciones habían escrito antes.</translation>
    </message>
    <message>
      <source>One click may mean a part or the whole. Automatic takes the mask in which the model trusts most.</source>
      <translation>Un clic puede significar una parte o el todo. Automático toma la máscara en la que más confía el modelo.</translation>
    </message>
    <message>
      <source>Preview before writing</source>
      <translation>Vista previa antes de escribir</translation>
    </message>
    <message>
      <source>Propagate</source>
      <translation>Propagar</translation>
    </message>
    <message>
      <source>Reach:</source>
      <translation>Alcance:</translation>
    </message>
    <message>
      <source>Scribble</source>
      <translation>Trazo</translation>
    </message>
    <message>
      <source>Segment the whole volume with no click: all that the adapter finds by itself. Each class is added to the segment of its name, which is made where there is none. One undo takes all of it back.</source>
      <translation>Segmentar todo el volumen sin clics: todo lo que el adaptador encuentra por sí mismo. Cada clase va al segmento de su nombre, que se crea si no existe. Un solo deshacer lo retira todo.</translation>
    </message>
    <message>
      <source>Slices</source>
      <translation>Cortes</translation>
    </message>
    <message>
      <source>Slices with prompts, and those found from them. The bar is the overlap (IoU) that the model expects; orange is worth a look. The keys [ and ] go to the previous and the next one with prompts or doubt.</source>
      <translation>Cortes con indicaciones y los encontrados a partir de ellos. La barra es el solapamiento (IoU) que espera el modelo; el naranja merece un vistazo. Las teclas [ y ] van al anterior y al siguiente con indicaciones o dudas.</translation>
    </message>
    <message>
      <source>Stop</source>
      <translation>Detener</translation>
    </message>
    <message>
      <source>Stop rule.</source>
      <translation>Regla de parada.</translation>
    </message>
    <message>
      <source>Take the last point, box or line back (Backspace).</source>
      <translation>Retirar el último punto, caja o trazo (Retroceso).</translation>
    </message>
    <message>
      <source>The model is at work.</source>
      <translation>El modelo está trabajando.</translation>
    </message>
    <message>
      <source>The slice last clicked on or pointed at is right as it is: nothing of SAM Adapt changes it for this segment. A padlock marks it in the views. Once more: release it. (K)</source>
      <translation>El último corte pulsado o señalado está bien tal como está: SAM Adapt ya no lo cambia en este segmento. Un candado lo marca en las vistas. Otra vez: liberarlo. (K)</translation>
    </message>
    <message>
      <source>The way ends where so many slices in a row break a rule.</source>
      <translation>El recorrido termina cuando tantos cortes seguidos incumplen una regla.</translation>
    </message>
    <message>
      <source>Towards the feet (axial), the back (coronal) or the left (sagittal).</source>
      <translation>Hacia los pies (axial), atrás (coronal) o la izquierda (sagital).</translation>
    </message>
    <message>
      <source>Towards the head (axial), the front (coronal) or the right (sagittal).</source>
      <translation>Hacia la cabeza (axial), delante (coronal) o la derecha (sagital).</translation>
    </message>
    <message>
      <source>Undo prompt</source>
      <translation>Deshacer</translation>
    </message>
    <message>
      <source>Weights:</source>
      <translation>Pesos:</translation>
    </message>
    <message>
      <source>What Find looks for, in words; the segment's name where this is left empty.</source>
      <translation>Lo que busca Buscar, en palabras; el nombre del segmento si se deja vacío.</translation>
    </message>
    <message>
      <source>What segments. Larger models take longer for a slice that is shown for the first time.</source>
      <translation>Lo que segmenta. Los modelos mayores tardan más con un corte que se muestra por primera vez.</translation>
    </message>
    <message>
      <source>What the model remembers of other slices carries the object, as through a video, and not the mask of the slice before. The rules hold as well.</source>
      <translation>Lo que el modelo recuerda de otros cortes lleva el objeto, como a través de un vídeo, y no la máscara del corte anterior. Las reglas valen también.</translation>
    </message>
    <message>
      <source>What the model runs on. Automatic takes a graphics card where there is one.</source>
      <translation>En qué se ejecuta el modelo. Automático toma una tarjeta gráfica si la hay.</translation>
    </message>
    <message>
      <source>What the model runs on. Automatic takes a graphics card where there is one. Kept for this computer.</source>
      <translation>En qué se ejecuta el modelo. Automático toma una tarjeta gráfica si la hay. Se guarda para este equipo.</translation>
    </message>
    <message>
      <source>Which of the model's answers is taken.</source>
      <translation>Cuál de las respuestas del modelo se toma.</translation>
    </message>
    <message>
      <source>Which values become black and white for the model.</source>
      <translation>Qué valores son negro y blanco para el modelo.</translation>
    </message>
    <message>
      <source>Which values become black and white for the model. Choose an entry, or type window:LEVEL/WIDTH, percentile:LOW/HIGH or minmax.</source>
      <translation>Qué valores son negro y blanco para el modelo. Elija una entrada, o escriba window:LEVEL/WIDTH, percentile:LOW/HIGH o minmax.</translation>
    </message>
    <message>
      <source>Which weights answer where there is an adapter.</source>
      <translation>Qué pesos responden cuando hay un adaptador.</translation>
    </message>
    <message>
      <source>Which weights answer where there is an adapter. On slices that its training held out, points, boxes, boxes with clicks and propagation were tried with the adapted and with the base weights; usually each is answered by those that were better there.</source>
      <translation>Qué pesos responden cuando hay un adaptador. En cortes reservados por su entrenamiento se probaron puntos, cajas, cajas con clics y propagación con los pesos adaptados y con los base; por lo general responden a cada uno los que allí fueron mejores.</translation>
    </message>
    <message>
      <source>Whole volume without clicks</source>
      <translation>Todo el volumen sin clics</translation>
    </message>
    <message>
      <source>Write the preview to the segment (Enter). Editable area, intensity range and overwriting are those of the Segment Editor's masking.</source>
      <translation>Escribir la vista previa en el segmento (Intro). El área editable, el intervalo de intensidad y la sobrescritura son los del enmascaramiento del Editor de Segmento.</translation>
    </message>
    <message>
      <source>to the end of the volume</source>
      <translation>hasta el final</translation>
    </message>
    <message>
      <source>− Background</source>
      <translation>− Fondo</translation>
    </message>
    <message>
      <source>▲ Up</source>
      <translation>▲ Arriba</translation>
    </message>
    <message>
      <source>▼ Down</source>
      <translation>▼ Abajo</translation>
    </message>
    <message>
      <source>▼▲ Both</source>
      <translation>▼▲ Ambos</translation>
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
&lt;p&gt;Segmente con clics, cajas y líneas mediante un modelo Segment Anything, adaptado a sus datos si se elige un adaptador.
Funciona en todas las vistas de corte, también en las oblicuas.&lt;/p&gt;
&lt;ul style="margin: 0"&gt;
{shortcuts}
&lt;li&gt;&lt;b&gt;Nuevo objeto:&lt;/b&gt; empezar otro en el mismo corte.
&lt;/ul&gt;
&lt;p&gt;Las indicaciones aceptadas se guardan con el segmento; más clics en ese corte las continúan. Propagar lleva el
objeto desde todos los cortes con indicaciones a través del volumen. Lo que se puede escribir se fija en &lt;i&gt;Enmascaramiento&lt;/i&gt;.&lt;/p&gt;
&lt;p&gt;Los adaptadores entrenados para ello segmentan todo el volumen sin indicaciones: &lt;b&gt;Auto&lt;/b&gt; todo lo que conocen, cada clase
en el segmento de su nombre; &lt;b&gt;Buscar&lt;/b&gt; lo que usted nombre en palabras, en el segmento seleccionado.&lt;/p&gt;
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
      <translation>Haga clic otra vez, se iniciará de nuevo</translation>
    </message>
    <message>
      <source>No segment is selected. Add or select a segment first.</source>
      <translation>Ningún segmento seleccionado. Añada o seleccione uno primero.</translation>
    </message>
    <message>
      <source>Only along the volume's own slices: this view is oblique to them.</source>
      <translation>Solo a lo largo de los cortes del volumen: esta vista es oblicua a ellos.</translation>
    </message>
    <message>
      <source>Prompts have to wait while the model goes through the volume. Stop ends that.</source>
      <translation>Las indicaciones deben esperar mientras el modelo recorre el volumen. Detener lo termina.</translation>
    </message>
    <message>
      <source>Stopped. A download goes on where it was with the next click.</source>
      <translation>Detenido. Una descarga continúa donde estaba con el siguiente clic.</translation>
    </message>
    <message>
      <source>The model's process ended by itself ({last})</source>
      <translation>El proceso del modelo terminó por sí solo ({last})</translation>
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
      <translation> cortes</translation>
    </message>
    <message>
      <source> °</source>
      <translation> °</translation>
    </message>
    <message>
      <source>Background moves:</source>
      <translation>El fondo se mueve:</translation>
    </message>
    <message>
      <source>Blur:</source>
      <translation>Desenfoque:</translation>
    </message>
    <message>
      <source>Brightness:</source>
      <translation>Brillo:</translation>
    </message>
    <message>
      <source>Contrast:</source>
      <translation>Contraste:</translation>
    </message>
    <message>
      <source>Exemplars on the left, synthetic slices beside them, labels below.</source>
      <translation>Ejemplos a la izquierda, cortes sintéticos al lado, etiquetas debajo.</translation>
    </message>
    <message>
      <source>Gamma:</source>
      <translation>Gamma:</translation>
    </message>
    <message>
      <source>How far organs and background may be moved, bent and tinted.</source>
      <translation>Hasta dónde se pueden mover, deformar y teñir los órganos y el fondo.</translation>
    </message>
    <message>
      <source>How many synthetic slices the preview shows.</source>
      <translation>Cuántos cortes sintéticos muestra la vista previa.</translation>
    </message>
    <message>
      <source>Longest shift:</source>
      <translation>Desplazamiento máximo:</translation>
    </message>
    <message>
      <source>Mirror left-right:</source>
      <translation>Reflejar izquierda-derecha:</translation>
    </message>
    <message>
      <source>Mirror top-bottom:</source>
      <translation>Reflejar arriba-abajo:</translation>
    </message>
    <message>
      <source>On bone:</source>
      <translation>Sobre hueso:</translation>
    </message>
    <message>
      <source>Organs pasted:</source>
      <translation>Órganos pegados:</translation>
    </message>
    <message>
      <source>Outside the body:</source>
      <translation>Fuera del cuerpo:</translation>
    </message>
    <message>
      <source>Preview</source>
      <translation>Vista previa</translation>
    </message>
    <message>
      <source>Put all transformations back to their defaults.</source>
      <translation>Restablecer todas las transformaciones a sus valores predeterminados.</translation>
    </message>
    <message>
      <source>Reset to defaults</source>
      <translation>Restablecer valores</translation>
    </message>
    <message>
      <source>Rotation:</source>
      <translation>Rotación:</translation>
    </message>
    <message>
      <source>Seed:</source>
      <translation>Semilla:</translation>
    </message>
    <message>
      <source>Shift:</source>
      <translation>Desplazamiento:</translation>
    </message>
    <message>
      <source>Show some synthetic slices beside their exemplars.</source>
      <translation>Mostrar algunos cortes sintéticos junto a sus ejemplos.</translation>
    </message>
    <message>
      <source>Size:</source>
      <translation>Tamaño:</translation>
    </message>
    <message>
      <source>Soft seam:</source>
      <translation>Unión suave:</translation>
    </message>
    <message>
      <source>Synthetic slices:</source>
      <translation>Cortes sintéticos:</translation>
    </message>
    <message>
      <source>Transformations</source>
      <translation>Transformaciones</translation>
    </message>
    <message>
      <source>Whole slices:</source>
      <translation>Cortes enteros:</translation>
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
      <translation>Presupuesto:</translation>
    </message>
    <message>
      <source>Estimated memory of the training, and what is free.</source>
      <translation>Memoria estimada del entrenamiento y la que hay libre.</translation>
    </message>
    <message>
      <source>Go on with the stopped training of this name.</source>
      <translation>Continuar el entrenamiento detenido de este nombre.</translation>
    </message>
    <message>
      <source>Log of the training, at most a line a second.</source>
      <translation>Registro del entrenamiento, como máximo una línea por segundo.</translation>
    </message>
    <message>
      <source>Method:</source>
      <translation>Método:</translation>
    </message>
    <message>
      <source>Model:</source>
      <translation>Modelo:</translation>
    </message>
    <message>
      <source>Name of the new adapter</source>
      <translation>Nombre del nuevo adaptador</translation>
    </message>
    <message>
      <source>Name of the new adapter.</source>
      <translation>Nombre del nuevo adaptador.</translation>
    </message>
    <message>
      <source>Name:</source>
      <translation>Nombre:</translation>
    </message>
    <message>
      <source>No training is running.</source>
      <translation>No hay ningún entrenamiento en curso.</translation>
    </message>
    <message>
      <source>Plot</source>
      <translation>Gráfico</translation>
    </message>
    <message>
      <source>Progress of the training.</source>
      <translation>Progreso del entrenamiento.</translation>
    </message>
    <message>
      <source>Resume</source>
      <translation>Reanudar</translation>
    </message>
    <message>
      <source>Show the plot of loss and Dice.</source>
      <translation>Mostrar el gráfico de pérdida y Dice.</translation>
    </message>
    <message>
      <source>Start</source>
      <translation>Iniciar</translation>
    </message>
    <message>
      <source>Start the training in a process of its own; Slicer stays usable.</source>
      <translation>Iniciar el entrenamiento en un proceso propio; Slicer sigue utilizable.</translation>
    </message>
    <message>
      <source>State of the training.</source>
      <translation>Estado del entrenamiento.</translation>
    </message>
    <message>
      <source>Stop</source>
      <translation>Detener</translation>
    </message>
    <message>
      <source>Train on synthetic slices too</source>
      <translation>Entrenar también con cortes sintéticos</translation>
    </message>
    <message>
      <source>Validation:</source>
      <translation>Validación:</translation>
    </message>
    <message>
      <source>Write a checkpoint and stop; the training can be resumed.</source>
      <translation>Escribir un punto de control y detener; el entrenamiento puede reanudarse.</translation>
    </message>
  </context>
  <context>
    <name>VolumesStep</name>
    <message>
      <source>All classes: only with an adapter that finds objects by itself. Words: only with one that was trained with texts. Prompts: each object that was clicked or boxed with the effect SAM Adapt in a segmentation of the volume is carried through it.</source>
      <translation>Todas las clases: solo con un adaptador que encuentra objetos por sí mismo. Palabras: solo con uno entrenado con textos. Indicaciones: cada objeto que se pulsó o encuadró con el efecto SAM Adapt en una segmentación del volumen se lleva a través de él.</translation>
    </message>
    <message>
      <source>Find:</source>
      <translation>Buscar:</translation>
    </message>
    <message>
      <source>Found</source>
      <translation>Encontrado</translation>
    </message>
    <message>
      <source>Make a table node of volumes in mL, mean values, slices and reasons, which Slicer saves with the scene or as .csv.</source>
      <translation>Crear un nodo de tabla con volúmenes en mL, valores medios, cortes y motivos, que Slicer guarda con la escena o como .csv.</translation>
    </message>
    <message>
      <source>Make a table of it</source>
      <translation>Crear una tabla</translation>
    </message>
    <message>
      <source>Objects, with commas between them; each becomes a segment.</source>
      <translation>Objetos, separados por comas; cada uno será un segmento.</translation>
    </message>
    <message>
      <source>Put what was found in each volume that came from the DICOM database back into it, as a DICOM segmentation beside its series. It says whose it is, as the series does.</source>
      <translation>Devolver a la base de datos DICOM lo hallado en cada volumen que procede de ella, como segmentación DICOM junto a su serie. Nombra al paciente, igual que la serie.</translation>
    </message>
    <message>
      <source>Save them as DICOM SEG</source>
      <translation>Guardarlas como DICOM SEG</translation>
    </message>
    <message>
      <source>Segment all volumes</source>
      <translation>Segmentar todos los volúmenes</translation>
    </message>
    <message>
      <source>Segment one volume after the other beside the application, each into a segmentation of its own. One that fails costs no other. Stop leaves the one at hand as it is.</source>
      <translation>Segmentar un volumen tras otro junto a la aplicación, cada uno en su propia segmentación. Si uno falla, los demás no se ven afectados. Detener deja el actual como está.</translation>
    </message>
    <message>
      <source>State</source>
      <translation>Estado</translation>
    </message>
    <message>
      <source>Volume</source>
      <translation>Volumen</translation>
    </message>
    <message>
      <source>Volumes that are done.</source>
      <translation>Volúmenes terminados.</translation>
    </message>
    <message>
      <source>Volumes:</source>
      <translation>Volúmenes:</translation>
    </message>
    <message>
      <source>What has become of each volume. Double-click one to see it with what was found.</source>
      <translation>Qué ha sido de cada volumen. Haga doble clic en uno para verlo con lo hallado.</translation>
    </message>
    <message>
      <source>What is looked for, with the adapter that is in use (step 4).</source>
      <translation>Lo que se busca, con el adaptador en uso (paso 4).</translation>
    </message>
    <message>
      <source>What was saved in the DICOM database, and what was not.</source>
      <translation>Qué se guardó en la base de datos DICOM y qué no.</translation>
    </message>
    <message>
      <source>Which of the loaded greyscale volumes are segmented. One that is seen together with another is no scan of its own.</source>
      <translation>Qué volúmenes cargados en escala de grises se segmentan. Uno que se ve junto con otro no es una imagen aparte.</translation>
    </message>
    <message>
      <source>Words:</source>
      <translation>Palabras:</translation>
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
      <translation>Automático</translation>
    </message>
    <message>
      <source>CPU</source>
      <translation>CPU</translation>
    </message>
    <message>
      <source>{name} (not found)</source>
      <translation>{name} (no encontrado)</translation>
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
      <translation>Elíjalo de nuevo para descargarlo, o elija otro modelo</translation>
    </message>
    <message>
      <source>SAM Adapt</source>
      <translation>SAM Adapt</translation>
    </message>
    <message>
      <source>The model is being fetched: {done}</source>
      <translation>Obteniendo el modelo: {done}</translation>
    </message>
    <message>
      <source>The model is being fetched: {done} of {total}</source>
      <translation>Obteniendo el modelo: {done} de {total}</translation>
    </message>
    <message>
      <source>The model {title} is not on this computer</source>
      <translation>El modelo {title} no está en este equipo</translation>
    </message>
    <message>
      <source>The model {title} is not on this computer yet. Its weights take {size} (licence: {licence}). They are downloaded once and kept; a download that is stopped goes on where it was.

Download them now?</source>
      <translation>El modelo {title} aún no está en este equipo. Sus pesos ocupan {size} (licencia: {licence}). Se descargan una vez y se conservan; una descarga detenida continúa donde estaba.

¿Descargarlos ahora?</translation>
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
      <translation>Un paquete se instaló pero no se puede cargar ({error})</translation>
    </message>
    <message>
      <source>Check the network and the free space, then try again; the application log tells more</source>
      <translation>Compruebe la red y el espacio libre e inténtelo de nuevo; el registro de la aplicación dice más</translation>
    </message>
    <message>
      <source>Install the PyTorch extension from the Extensions Manager and restart the application</source>
      <translation>Instale la extensión PyTorch desde el gestor de extensiones y reinicie la aplicación</translation>
    </message>
    <message>
      <source>Install the packages before the tests</source>
      <translation>Instale los paquetes antes de las pruebas</translation>
    </message>
    <message>
      <source>Nothing is installed while the application is being tested</source>
      <translation>No se instala nada mientras se prueba la aplicación</translation>
    </message>
    <message>
      <source>Packages are missing after the installation</source>
      <translation>Faltan paquetes tras la instalación</translation>
    </message>
    <message>
      <source>PyTorch for an NVIDIA graphics card takes several gigabytes instead.</source>
      <translation>PyTorch para una tarjeta gráfica NVIDIA ocupa en cambio varios gigabytes.</translation>
    </message>
    <message>
      <source>Python packages are being downloaded and installed. This takes some minutes.</source>
      <translation>Se están descargando e instalando paquetes de Python. Tarda unos minutos.</translation>
    </message>
    <message>
      <source>Restart the application and try again; the application log tells more</source>
      <translation>Reinicie la aplicación e inténtelo de nuevo; el registro de la aplicación dice más</translation>
    </message>
    <message>
      <source>Restart the application; where that does not help, uninstall PyTorch in the module PyTorch Utils and install it again for another computation backend, such as cpu</source>
      <translation>Reinicie la aplicación; si no ayuda, desinstale PyTorch en el módulo PyTorch Utils e instálelo de nuevo para otro motor de cálculo, como cpu</translation>
    </message>
    <message>
      <source>SAM Adapt needs PyTorch, which the PyTorch extension installs</source>
      <translation>SAM Adapt necesita PyTorch, que instala la extensión PyTorch</translation>
    </message>
    <message>
      <source>SAM Adapt needs Python packages that are not installed</source>
      <translation>SAM Adapt necesita paquetes de Python que no están instalados</translation>
    </message>
    <message>
      <source>SAM Adapt needs these Python packages:</source>
      <translation>SAM Adapt necesita estos paquetes de Python:</translation>
    </message>
    <message>
      <source>The Python packages are being installed already</source>
      <translation>Los paquetes de Python ya se están instalando</translation>
    </message>
    <message>
      <source>The installation failed ({error})</source>
      <translation>La instalación falló ({error})</translation>
    </message>
    <message>
      <source>They are downloaded and installed into Slicer's Python. Continue?</source>
      <translation>Se descargan y se instalan en el Python de Slicer. ¿Continuar?</translation>
    </message>
    <message>
      <source>Together they take about {total} MB on disk.</source>
      <translation>En total ocupan unos {total} MB en el disco.</translation>
    </message>
    <message>
      <source>Try again and agree to the installation</source>
      <translation>Inténtelo de nuevo y acepte la instalación</translation>
    </message>
    <message>
      <source>Wait until that is done, then try again</source>
      <translation>Espere a que termine e inténtelo de nuevo</translation>
    </message>
  </context>
  <context>
    <name>app.Messages</name>
    <message>
      <source>An unexpected error occurred: {error}

Try again. If it comes back, the application log tells more (Help, Report a Bug).</source>
      <translation>Se produjo un error inesperado: {error}

Inténtelo de nuevo. Si se repite, el registro de la aplicación dice más (Ayuda, Informar de un error).</translation>
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
      <translation>Elija primero un modelo base o un adaptador</translation>
    </message>
    <message>
      <source>No model is chosen</source>
      <translation>No se eligió modelo</translation>
    </message>
  </context>
  <context>
    <name>app.Polling</name>
    <message>
      <source>A newer request has replaced this one</source>
      <translation>Una petición más reciente ha sustituido a esta</translation>
    </message>
    <message>
      <source>Stopped on request</source>
      <translation>Detenido a petición</translation>
    </message>
  </context>
  <context>
    <name>app.Settings</name>
    <message>
      <source>Cannot delete the embeddings ({error})</source>
      <translation>No se pueden eliminar los embeddings ({error})</translation>
    </message>
    <message>
      <source>Check the folder's permissions</source>
      <translation>Compruebe los permisos de la carpeta</translation>
    </message>
    <message>
      <source>Choose the file with its token at This computer</source>
      <translation>Elija el archivo con su token en Este equipo</translation>
    </message>
    <message>
      <source>The server needs a token</source>
      <translation>El servidor necesita un token</translation>
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
      <translation>coronal</translation>
    </message>
    <message>
      <source>displayed</source>
      <translation>como se muestra</translation>
    </message>
    <message>
      <source>library</source>
      <translation>biblioteca</translation>
    </message>
    <message>
      <source>sagittal</source>
      <translation>sagital</translation>
    </message>
  </context>
  <context>
    <name>app.Weights</name>
    <message>
      <source>Always the adapter's</source>
      <translation>Siempre los del adaptador</translation>
    </message>
    <message>
      <source>Always the base model's</source>
      <translation>Siempre los del modelo base</translation>
    </message>
    <message>
      <source>Better ones for each prompt</source>
      <translation>Los mejores de cada una</translation>
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
      <translation>Indique puntos en su interior</translation>
    </message>
    <message>
      <source>Give points=[(R, A, S, 0)] where something is wrong</source>
      <translation>Indique points=[(R, A, S, 0)] donde algo esté mal</translation>
    </message>
    <message>
      <source>No prompt was given</source>
      <translation>No se dio ninguna indicación</translation>
    </message>
    <message>
      <source>Segment a slice of it first</source>
      <translation>Segmente primero un corte de él</translation>
    </message>
    <message>
      <source>The prompt lies outside the volume</source>
      <translation>La indicación está fuera del volumen</translation>
    </message>
    <message>
      <source>The segment is empty: there is nothing to correct</source>
      <translation>El segmento está vacío: no hay nada que corregir</translation>
    </message>
  </context>
  <context>
    <name>console.DicomExport</name>
    <message>
      <source>Check the database in the module DICOM; or save it as .seg.nrrd</source>
      <translation>Compruebe la base de datos en el módulo DICOM; o guárdela como .seg.nrrd</translation>
    </message>
    <message>
      <source>Choose the volume as its source geometry, by the button beside the source volume in the Segment Editor</source>
      <translation>Elija el volumen como geometría de origen, con el botón junto al volumen fuente en el Editor de Segmento</translation>
    </message>
    <message>
      <source>Import its series in the module DICOM once more</source>
      <translation>Importe su serie otra vez en el módulo DICOM</translation>
    </message>
    <message>
      <source>Install Quantitative Reporting in the Extensions Manager and restart the application, or type slicer.util.pip_install("highdicom") in the Python console</source>
      <translation>Instale Quantitative Reporting en el gestor de extensiones y reinicie la aplicación, o escriba slicer.util.pip_install("highdicom") en la consola de Python</translation>
    </message>
    <message>
      <source>Load its series in the module DICOM, and segment that; or save the segmentation as .seg.nrrd</source>
      <translation>Cargue su serie en el módulo DICOM y segméntela; o guarde la segmentación como .seg.nrrd</translation>
    </message>
    <message>
      <source>Put both under the same one, or take it from both</source>
      <translation>Ponga ambos bajo la misma, o quítela de ambos</translation>
    </message>
    <message>
      <source>Quantitative Reporting could not save the segmentation ({told})</source>
      <translation>Quantitative Reporting no pudo guardar la segmentación ({told})</translation>
    </message>
    <message>
      <source>Saving as DICOM SEG needs the extension Quantitative Reporting, or the Python package highdicom</source>
      <translation>Guardar como DICOM SEG necesita la extensión Quantitative Reporting o el paquete de Python highdicom</translation>
    </message>
    <message>
      <source>The DICOM database did not take the segmentation</source>
      <translation>La base de datos DICOM no aceptó la segmentación</translation>
    </message>
    <message>
      <source>The DICOM database has only {there} of {total} files of the volume</source>
      <translation>La base de datos DICOM solo tiene {there} de {total} archivos del volumen</translation>
    </message>
    <message>
      <source>The application log tells more; or save it as .seg.nrrd</source>
      <translation>El registro de la aplicación dice más; o guárdela como .seg.nrrd</translation>
    </message>
    <message>
      <source>The segmentation does not say on which volume it was made</source>
      <translation>La segmentación no dice sobre qué volumen se hizo</translation>
    </message>
    <message>
      <source>The segmentation lies under another transform than its volume</source>
      <translation>La segmentación está bajo otra transformación que su volumen</translation>
    </message>
    <message>
      <source>The volume was not loaded from the DICOM database</source>
      <translation>El volumen no se cargó desde la base de datos DICOM</translation>
    </message>
    <message>
      <source>it does not take this segmentation</source>
      <translation>no acepta esta segmentación</translation>
    </message>
    <message>
      <source>it wrote no file</source>
      <translation>no escribió ningún archivo</translation>
    </message>
  </context>
  <context>
    <name>console.Evaluation</name>
    <message>
      <source>Choose a table of an evaluation</source>
      <translation>Elija una tabla de una evaluación</translation>
    </message>
    <message>
      <source>Evaluate a segmentation first</source>
      <translation>Evalúe primero una segmentación</translation>
    </message>
    <message>
      <source>SAM Adapt evaluation</source>
      <translation>Evaluación de SAM Adapt</translation>
    </message>
    <message>
      <source>The table holds no figures to draw</source>
      <translation>La tabla no contiene cifras que dibujar</translation>
    </message>
    <message>
      <source>This table holds something else</source>
      <translation>Esta tabla contiene otra cosa</translation>
    </message>
  </context>
  <context>
    <name>console.ExemplarLogic</name>
    <message>
      <source>Slice {index} ({axis}) is in the exemplar library, in the place of its earlier outlines.</source>
      <translation>El corte {index} ({axis}) está en la biblioteca de ejemplos, en lugar de sus contornos anteriores.</translation>
    </message>
    <message>
      <source>Slice {index} ({axis}) is in the exemplar library.</source>
      <translation>El corte {index} ({axis}) está en la biblioteca de ejemplos.</translation>
    </message>
    <message>
      <source>Slice {index} ({axis}) was in the exemplar library already, with the same outlines.</source>
      <translation>El corte {index} ({axis}) ya estaba en la biblioteca de ejemplos, con los mismos contornos.</translation>
    </message>
    <message>
      <source>{count} slices are in the exemplar library, {replaced} of them in the place of earlier outlines.</source>
      <translation>{count} cortes están en la biblioteca de ejemplos, {replaced} de ellos en lugar de contornos anteriores.</translation>
    </message>
    <message>
      <source>{count} slices are in the exemplar library.</source>
      <translation>{count} cortes están en la biblioteca de ejemplos.</translation>
    </message>
  </context>
  <context>
    <name>console.Logic</name>
    <message>
      <source>Give segments of the same structure the same name</source>
      <translation>Dé el mismo nombre a los segmentos de la misma estructura</translation>
    </message>
    <message>
      <source>No segment has the name of one in the reference</source>
      <translation>Ningún segmento tiene el nombre de uno de la referencia</translation>
    </message>
  </context>
  <context>
    <name>console.ManyVolumes</name>
    <message>
      <source>Choose an adapter that was trained with texts</source>
      <translation>Elija un adaptador entrenado con textos</translation>
    </message>
    <message>
      <source>Give some with the effect SAM Adapt, on one slice of each object</source>
      <translation>Dé algunas con el efecto SAM Adapt, en un corte de cada objeto</translation>
    </message>
    <message>
      <source>Load it again</source>
      <translation>Cárguelo de nuevo</translation>
    </message>
    <message>
      <source>Load one</source>
      <translation>Cargue uno</translation>
    </message>
    <message>
      <source>No segmentation of this volume has prompts</source>
      <translation>Ninguna segmentación de este volumen tiene indicaciones</translation>
    </message>
    <message>
      <source>Nothing was found on any slice</source>
      <translation>No se encontró nada en ningún corte</translation>
    </message>
    <message>
      <source>The volume is no longer in the scene</source>
      <translation>El volumen ya no está en la escena</translation>
    </message>
    <message>
      <source>The volume was removed from the scene meanwhile</source>
      <translation>El volumen se quitó entretanto de la escena</translation>
    </message>
    <message>
      <source>There is no volume to segment</source>
      <translation>No hay ningún volumen que segmentar</translation>
    </message>
    <message>
      <source>This model reads no words</source>
      <translation>Este modelo no lee palabras</translation>
    </message>
    <message>
      <source>Volumes are being segmented already</source>
      <translation>Ya se están segmentando volúmenes</translation>
    </message>
    <message>
      <source>Wait for them, or stop it first</source>
      <translation>Espere a que terminen, o deténgalo antes</translation>
    </message>
  </context>
  <context>
    <name>console.NextSliceLogic</name>
    <message>
      <source>Cannot hand the voxels on ({error})</source>
      <translation>No se pueden entregar los vóxeles ({error})</translation>
    </message>
    <message>
      <source>Load one</source>
      <translation>Cargue uno</translation>
    </message>
    <message>
      <source>Make room on the disk</source>
      <translation>Haga sitio en el disco</translation>
    </message>
    <message>
      <source>There is no volume to choose slices of</source>
      <translation>No hay ningún volumen del que elegir cortes</translation>
    </message>
  </context>
  <context>
    <name>console.SegmentingLogic</name>
    <message>
      <source>Give one, or up to three</source>
      <translation>Indique uno, o hasta tres</translation>
    </message>
    <message>
      <source>No volume is chosen</source>
      <translation>No se eligió volumen</translation>
    </message>
  </context>
  <context>
    <name>console.SliceSegmentation</name>
    <message>
      <source>Choose one of {names}</source>
      <translation>Elija entre {names}</translation>
    </message>
    <message>
      <source>For the adapter's own, activate it with weights='adapted'</source>
      <translation>Para los del adaptador, actívelo con weights='adapted'</translation>
    </message>
    <message>
      <source>Give one box for one object</source>
      <translation>Indique una caja por objeto</translation>
    </message>
    <message>
      <source>Give points inside of it</source>
      <translation>Indique puntos en su interior</translation>
    </message>
    <message>
      <source>Give points=[(R, A, S, 1)] or box=((R, A, S), (R, A, S))</source>
      <translation>Indique points=[(R, A, S, 1)] o box=((R, A, S), (R, A, S))</translation>
    </message>
    <message>
      <source>No prompt was given</source>
      <translation>No se dio ninguna indicación</translation>
    </message>
    <message>
      <source>Segment one slice first, or choose the axis of the prompts</source>
      <translation>Segmente primero un corte, o elija el eje de las indicaciones</translation>
    </message>
    <message>
      <source>The prompt lies outside the volume</source>
      <translation>La indicación está fuera del volumen</translation>
    </message>
    <message>
      <source>The segment is on no {axis} slice yet</source>
      <translation>El segmento aún no está en ningún corte ({axis})</translation>
    </message>
    <message>
      <source>Try a box in place of points, a second prompt on a nearby slice, or an adapter</source>
      <translation>Pruebe una caja en lugar de puntos, una segunda indicación en un corte cercano, o un adaptador</translation>
    </message>
    <message>
      <source>Two of the prompts give a box</source>
      <translation>Dos de las indicaciones dan una caja</translation>
    </message>
    <message>
      <source>Unknown direction</source>
      <translation>Dirección desconocida</translation>
    </message>
    <message>
      <source>{name}: propagation ended at once: {reason}</source>
      <translation>{name}: la propagación terminó enseguida: {reason}</translation>
    </message>
  </context>
  <context>
    <name>console.TimeLogic</name>
    <message>
      <source>Frame</source>
      <translation>Fotograma</translation>
    </message>
    <message>
      <source>Volume (mL)</source>
      <translation>Volumen (mL)</translation>
    </message>
    <message>
      <source>{name} over time</source>
      <translation>{name} a lo largo del tiempo</translation>
    </message>
  </context>
  <context>
    <name>console.TrainingRuns</name>
    <message>
      <source>A training is running already</source>
      <translation>Ya hay un entrenamiento en curso</translation>
    </message>
    <message>
      <source>Add some slices in step 1 first</source>
      <translation>Añada primero algunos cortes en el paso 1</translation>
    </message>
    <message>
      <source>Name it in the Python console: fineTune(name=..., library=..., resume=True)</source>
      <translation>Nómbrela en la consola de Python: fineTune(name=..., library=..., resume=True)</translation>
    </message>
    <message>
      <source>No stopped training has this name</source>
      <translation>Ningún entrenamiento detenido tiene este nombre</translation>
    </message>
    <message>
      <source>Start it, or give the name of a stopped one</source>
      <translation>Inícielo, o indique el nombre de uno detenido</translation>
    </message>
    <message>
      <source>The library holds no labelled exemplar</source>
      <translation>La biblioteca no contiene ningún ejemplo etiquetado</translation>
    </message>
    <message>
      <source>The run does not say which library it was started with</source>
      <translation>La ejecución no dice con qué biblioteca se inició</translation>
    </message>
    <message>
      <source>Wait for it, or stop it first</source>
      <translation>Espere a que termine, o deténgalo antes</translation>
    </message>
  </context>
  <context>
    <name>console.VolumeTable</name>
    <message>
      <source>SAM Adapt volumes</source>
      <translation>Volúmenes de SAM Adapt</translation>
    </message>
  </context>
  <context>
    <name>edit.AlongTime</name>
    <message>
      <source>The segment is on {found} of {count} frames: {most} mL at most (frame {frame}), {least} mL at least (frame {other}).</source>
      <translation>El segmento está en {found} de {count} fotogramas: {most} mL como máximo (fotograma {frame}), {least} mL como mínimo (fotograma {other}).</translation>
    </message>
    <message>
      <source>The segment was carried to no other frame. Loosen the stop rules, or prompt other frames, too.</source>
      <translation>El segmento no se llevó a ningún otro fotograma. Relaje las reglas de parada, o dé indicaciones también en otros fotogramas.</translation>
    </message>
  </context>
  <context>
    <name>edit.Correction</name>
    <message>
      <source>A correction along other slices is under way</source>
      <translation>Hay una corrección en curso a lo largo de otros cortes</translation>
    </message>
    <message>
      <source>Add or select a segment first</source>
      <translation>Añada o seleccione primero un segmento</translation>
    </message>
    <message>
      <source>Click on what is missing, Ctrl+click on what is too much; a box says what all of it is on its slice.</source>
      <translation>Pulse sobre lo que falta, Ctrl+clic sobre lo que sobra; una caja dice todo lo que hay de él en su corte.</translation>
    </message>
    <message>
      <source>Draw it on a slice first, with any tool or by prompts</source>
      <translation>Dibújelo primero en un corte, con cualquier herramienta o con indicaciones</translation>
    </message>
    <message>
      <source>No segment is selected</source>
      <translation>No hay ningún segmento seleccionado</translation>
    </message>
    <message>
      <source>Nothing changes: the model agrees with what is there. Click where it is wrong, or draw a box.</source>
      <translation>Nada cambia: el modelo coincide con lo que hay. Pulse donde esté mal, o dibuje una caja.</translation>
    </message>
    <message>
      <source>Slice {index} changed.</source>
      <translation>Corte {index} cambiado.</translation>
    </message>
    <message>
      <source>The segment is empty: there is nothing to continue from</source>
      <translation>El segmento está vacío: no hay nada desde lo que continuar</translation>
    </message>
    <message>
      <source>Wait for its end, or Stop it first</source>
      <translation>Espere a que termine o deténgalo antes</translation>
    </message>
    <message>
      <source>{count} slices changed, {first} to {last}.</source>
      <translation>{count} cortes cambiados, {first} a {last}.</translation>
    </message>
  </context>
  <context>
    <name>edit.Draft</name>
    <message>
      <source>Mask {shown} of {count} is shown, expected IoU {iou}. Keys 1 to {count}: small to large.</source>
      <translation>Se muestra la máscara {shown} de {count}, IoU esperado {iou}. Teclas 1 a {count}: de menor a mayor.</translation>
    </message>
  </context>
  <context>
    <name>edit.EffectController</name>
    <message>
      <source>Grown from the point, since this model knows boxes only: check it, or draw a box.</source>
      <translation>Crecido desde el punto, pues este modelo solo conoce cajas: compruébelo, o dibuje una caja.</translation>
    </message>
    <message>
      <source>That lies outside the volume. Draw it on the image.</source>
      <translation>Eso está fuera del volumen. Dibuje en la imagen.</translation>
    </message>
    <message>
      <source>That place lies outside the volume. Click on the image.</source>
      <translation>Ese lugar está fuera del volumen. Haga clic en la imagen.</translation>
    </message>
    <message>
      <source>The model finds nothing there. Add a point inside the object or draw a box around it.</source>
      <translation>El modelo no encuentra nada ahí. Añada un punto dentro del objeto o dibuje una caja a su alrededor.</translation>
    </message>
    <message>
      <source>This model was not trained on points, and nothing stands out here: draw a box.</source>
      <translation>Este modelo no se entrenó con puntos, y aquí nada destaca: dibuje una caja.</translation>
    </message>
    <message>
      <source>This slice is accepted. Release it first, with Accept slice or the key K.</source>
      <translation>Este corte está aceptado. Libérelo primero, con Aceptar corte o la tecla K.</translation>
    </message>
  </context>
  <context>
    <name>edit.Exemplars</name>
    <message>
      <source>A correction is under way, and the slice may change yet</source>
      <translation>Hay una corrección en curso y el corte aún puede cambiar</translation>
    </message>
    <message>
      <source>Click on a slice in a standard orientation</source>
      <translation>Haga clic en un corte en orientación estándar</translation>
    </message>
    <message>
      <source>Correct some by clicks first, or add the slice shown</source>
      <translation>Corrija antes algunos con clics, o añada el corte mostrado</translation>
    </message>
    <message>
      <source>Exemplars are whole slices of the volume</source>
      <translation>Los ejemplos son cortes enteros del volumen</translation>
    </message>
    <message>
      <source>No slice along this view has prompts of the selected segment</source>
      <translation>Ningún corte de esta vista tiene indicaciones del segmento seleccionado</translation>
    </message>
    <message>
      <source>Wait for its end, or Stop it first</source>
      <translation>Espere a que termine o deténgalo antes</translation>
    </message>
  </context>
  <context>
    <name>edit.ModelUse</name>
    <message>
      <source>Python packages have to be installed first. Click into a slice view to install them.</source>
      <translation>Primero hay que instalar paquetes de Python. Haga clic en una vista de corte para instalarlos.</translation>
    </message>
    <message>
      <source>The model {title} ({size}) is not on this computer yet. Click into a slice view to download it.</source>
      <translation>El modelo {title} ({size}) aún no está en este equipo. Haga clic en una vista de corte para descargarlo.</translation>
    </message>
  </context>
  <context>
    <name>edit.NextFrame</name>
    <message>
      <source>Accept or drop them first</source>
      <translation>Acéptelas o descártelas primero</translation>
    </message>
    <message>
      <source>Choose one segmentation per frame first</source>
      <translation>Elija primero una segmentación por fotograma</translation>
    </message>
    <message>
      <source>Click on the object first</source>
      <translation>Haga clic primero en el objeto</translation>
    </message>
    <message>
      <source>Go to a slice on which it is</source>
      <translation>Vaya a un corte en el que esté</translation>
    </message>
    <message>
      <source>Go to an earlier one</source>
      <translation>Vaya a uno anterior</translation>
    </message>
    <message>
      <source>No slice of the volume is chosen</source>
      <translation>No se ha elegido ningún corte del volumen</translation>
    </message>
    <message>
      <source>The segment is not on this slice</source>
      <translation>El segmento no está en este corte</translation>
    </message>
    <message>
      <source>The segment is on this slice already. Mend it by clicks, or go on.</source>
      <translation>El segmento ya está en este corte. Corríjalo con clics, o siga.</translation>
    </message>
    <message>
      <source>The segmentation is the same for all frames</source>
      <translation>La segmentación es la misma para todos los fotogramas</translation>
    </message>
    <message>
      <source>There are prompts that are not accepted</source>
      <translation>Hay indicaciones sin aceptar</translation>
    </message>
    <message>
      <source>This is the last frame</source>
      <translation>Es el último fotograma</translation>
    </message>
  </context>
  <context>
    <name>edit.Propagation</name>
    <message>
      <source>Choose a standard orientation, or rotate the view to the volume plane</source>
      <translation>Elija una orientación estándar, o gire la vista al plano del volumen</translation>
    </message>
    <message>
      <source>Click on the object first</source>
      <translation>Haga clic primero en el objeto</translation>
    </message>
    <message>
      <source>No slice is chosen</source>
      <translation>No se eligió corte</translation>
    </message>
    <message>
      <source>Nothing was found on the slices beside the prompts. Loosen the stop rules or add prompts.</source>
      <translation>No se encontró nada en los cortes junto a las indicaciones. Relaje las reglas de parada o añada indicaciones.</translation>
    </message>
    <message>
      <source>Propagation ended at once: {reason}. Try a box in place of points, a second prompt on a nearby slice, or looser stop rules.</source>
      <translation>La propagación terminó enseguida: {reason}. Pruebe una caja en lugar de puntos, una segunda indicación en un corte cercano, o reglas de parada más laxas.</translation>
    </message>
    <message>
      <source>Propagation goes along the volume's own slices, and this view is oblique to them</source>
      <translation>La propagación sigue los cortes del volumen, y esta vista es oblicua a ellos</translation>
    </message>
    <message>
      <source>Set a prompt on this slice, or go to a slice on which the segment is drawn</source>
      <translation>Ponga una indicación en este corte, o vaya a uno en el que el segmento esté dibujado</translation>
    </message>
    <message>
      <source>Slice {index} written.</source>
      <translation>Corte {index} escrito.</translation>
    </message>
    <message>
      <source>There is nothing to carry on from</source>
      <translation>No hay nada que propagar</translation>
    </message>
    <message>
      <source>{count} slices written, {first} to {last}.</source>
      <translation>{count} cortes escritos, de {first} a {last}.</translation>
    </message>
  </context>
  <context>
    <name>edit.Reporting</name>
    <message>
      <source>Nothing was written: masking excludes this place, or the segmentation's geometry ends before it. Change the editable area, the intensity range or the geometry.</source>
      <translation>No se escribió nada: el enmascaramiento excluye este lugar, o la geometría de la segmentación termina antes. Cambie el área editable, el intervalo de intensidad o la geometría.</translation>
    </message>
  </context>
  <context>
    <name>edit.VolumeSegmentation</name>
    <message>
      <source>Found: {list}.</source>
      <translation>Encontrado: {list}.</translation>
    </message>
    <message>
      <source>Nothing was found on any slice.</source>
      <translation>No se encontró nada en ningún corte.</translation>
    </message>
    <message>
      <source>{name} on {count} slices</source>
      <translation>{name} en {count} cortes</translation>
    </message>
  </context>
  <context>
    <name>panel.AdapterStep</name>
    <message>
      <source>Adapter (*.zip)</source>
      <translation>Adaptador (*.zip)</translation>
    </message>
    <message>
      <source>Delete the adapter {name} from this computer? This cannot be undone.</source>
      <translation>¿Eliminar el adaptador {name} de este equipo? No se puede deshacer.</translation>
    </message>
    <message>
      <source>Dice on held-out slices:</source>
      <translation>Dice en cortes reservados:</translation>
    </message>
    <message>
      <source>Export adapter</source>
      <translation>Exportar adaptador</translation>
    </message>
    <message>
      <source>Import adapter</source>
      <translation>Importar adaptador</translation>
    </message>
    <message>
      <source>In use: no adapter, base model {model}</source>
      <translation>En uso: ningún adaptador, modelo base {model}</translation>
    </message>
    <message>
      <source>In use: {name} on {model}</source>
      <translation>En uso: {name} sobre {model}</translation>
    </message>
    <message>
      <source>Name:</source>
      <translation>Nombre:</translation>
    </message>
    <message>
      <source>No reference is selected</source>
      <translation>No se ha seleccionado ninguna referencia</translation>
    </message>
    <message>
      <source>Rename adapter</source>
      <translation>Renombrar adaptador</translation>
    </message>
    <message>
      <source>Select another segmentation at the top or as the reference</source>
      <translation>Seleccione otra segmentación arriba o como referencia</translation>
    </message>
    <message>
      <source>Select the segmentation that counts as right</source>
      <translation>Seleccione la segmentación que se toma como correcta</translation>
    </message>
    <message>
      <source>The adapter is in use: a model is still being loaded</source>
      <translation>El adaptador está en uso: aún se está cargando un modelo</translation>
    </message>
    <message>
      <source>The segmentation would be compared with itself</source>
      <translation>La segmentación se compararía consigo misma</translation>
    </message>
    <message>
      <source>Try again once it is loaded</source>
      <translation>Inténtelo de nuevo cuando esté cargado</translation>
    </message>
    <message>
      <source>Waiting until {name} is free</source>
      <translation>Esperando a que {name} esté libre</translation>
    </message>
    <message>
      <source>adapted {dice}</source>
      <translation>adaptado {dice}</translation>
    </message>
    <message>
      <source>base {dice}</source>
      <translation>base {dice}</translation>
    </message>
    <message>
      <source>damaged</source>
      <translation>dañado</translation>
    </message>
    <message>
      <source>halfway {dice}</source>
      <translation>a medio camino {dice}</translation>
    </message>
    <message>
      <source>the adapter answers</source>
      <translation>responde el adaptador</translation>
    </message>
    <message>
      <source>the base weights answer</source>
      <translation>responden los pesos base</translation>
    </message>
    <message>
      <source>the weights halfway answer</source>
      <translation>responden los pesos a medio camino</translation>
    </message>
    <message>
      <source>{method} on {base}, {steps} steps, {axis} slices, grey levels {intensity}</source>
      <translation>{method} sobre {base}, {steps} pasos, cortes {axis}, niveles de gris {intensity}</translation>
    </message>
  </context>
  <context>
    <name>panel.ComputerStep</name>
    <message>
      <source>Prompts go to {server}.</source>
      <translation>Las indicaciones van a {server}.</translation>
    </message>
    <message>
      <source>The devices could not be listed: {error}</source>
      <translation>No se pudieron listar los dispositivos: {error}</translation>
    </message>
  </context>
  <context>
    <name>panel.DicomSaving</name>
    <message>
      <source>No volume has a segmentation to save</source>
      <translation>Ningún volumen tiene una segmentación que guardar</translation>
    </message>
    <message>
      <source>Saved in the DICOM database: {count}</source>
      <translation>Guardadas en la base de datos DICOM: {count}</translation>
    </message>
    <message>
      <source>Segment the volumes first</source>
      <translation>Segmente primero los volúmenes</translation>
    </message>
    <message>
      <source>Stop</source>
      <translation>Detener</translation>
    </message>
  </context>
  <context>
    <name>panel.ExemplarStep</name>
    <message>
      <source>; {count} backgrounds</source>
      <translation>; {count} fondos</translation>
    </message>
    <message>
      <source>Choose that orientation in a slice view, and rotate the view to the volume plane</source>
      <translation>Elija esa orientación en una vista de corte, y gire la vista al plano del volumen</translation>
    </message>
    <message>
      <source>Delete {count} exemplars from the library folder? This cannot be undone.</source>
      <translation>¿Eliminar {count} ejemplos de la carpeta de la biblioteca? No se puede deshacer.</translation>
    </message>
    <message>
      <source>No slice of the volume has a label</source>
      <translation>Ningún corte del volumen tiene etiqueta</translation>
    </message>
    <message>
      <source>No view shows {axis} slices of the volume</source>
      <translation>Ninguna vista muestra cortes ({axis}) del volumen</translation>
    </message>
    <message>
      <source>Paint in a segment first</source>
      <translation>Pinte primero en un segmento</translation>
    </message>
    <message>
      <source>Slice {index}</source>
      <translation>Corte {index}</translation>
    </message>
    <message>
      <source>The library is empty. Add a labelled slice to start it.</source>
      <translation>La biblioteca está vacía. Añada un corte etiquetado para empezar.</translation>
    </message>
    <message>
      <source>background</source>
      <translation>fondo</translation>
    </message>
    <message>
      <source>damaged</source>
      <translation>dañado</translation>
    </message>
    <message>
      <source>none</source>
      <translation>ninguno</translation>
    </message>
    <message>
      <source>{count} exemplars: {classes}</source>
      <translation>{count} ejemplos: {classes}</translation>
    </message>
  </context>
  <context>
    <name>panel.NextSlices</name>
    <message>
      <source>All of its kind</source>
      <translation>Del mismo tipo</translation>
    </message>
    <message>
      <source>Ask for other slices</source>
      <translation>Pida otros cortes</translation>
    </message>
    <message>
      <source>Click to show this slice in the slice views.</source>
      <translation>Haga clic para mostrar este corte en las vistas de corte.</translation>
    </message>
    <message>
      <source>The volume is no longer in the scene</source>
      <translation>El volumen ya no está en la escena</translation>
    </message>
    <message>
      <source>This one only</source>
      <translation>Solo este</translation>
    </message>
    <message>
      <source>{number}. {volume}, {axis} slice {index}: {reason}</source>
      <translation>{number}. {volume}, corte {index} ({axis}): {reason}</translation>
    </message>
  </context>
  <context>
    <name>panel.Published</name>
    <message>
      <source>As is said there, and checked when it is fetched: {said}</source>
      <translation>Según se dice allí, se comprueba al obtenerlo: {said}</translation>
    </message>
    <message>
      <source>Browse</source>
      <translation>Explorar</translation>
    </message>
    <message>
      <source>Browse a place, and select one of its adapters</source>
      <translation>Explore un lugar y seleccione uno de sus adaptadores</translation>
    </message>
    <message>
      <source>Licence: {licence}</source>
      <translation>Licencia: {licence}</translation>
    </message>
    <message>
      <source>No adapter is selected</source>
      <translation>No se ha seleccionado ningún adaptador</translation>
    </message>
    <message>
      <source>No place is given</source>
      <translation>No se ha indicado ningún lugar</translation>
    </message>
    <message>
      <source>Nothing is published there.</source>
      <translation>No hay nada publicado allí.</translation>
    </message>
    <message>
      <source>Published adapters</source>
      <translation>Adaptadores publicados</translation>
    </message>
    <message>
      <source>Type an address that begins with https://, or a folder</source>
      <translation>Escriba una dirección que empiece por https://, o una carpeta</translation>
    </message>
    <message>
      <source>{method} on {base}, {size}</source>
      <translation>{method} sobre {base}, {size}</translation>
    </message>
    <message>
      <source>{name} is being fetched.</source>
      <translation>Se está obteniendo {name}.</translation>
    </message>
    <message>
      <source>{name} is on this computer now.</source>
      <translation>{name} ya está en este equipo.</translation>
    </message>
  </context>
  <context>
    <name>panel.SignedText</name>
    <message>
      <source>Not signed.</source>
      <translation>Sin firma.</translation>
    </message>
    <message>
      <source>Signed by a key that you have not said to trust: {fingerprint}.</source>
      <translation>Firmado con una clave que usted no ha declarado de confianza: {fingerprint}.</translation>
    </message>
    <message>
      <source>Signed by {signer} (key {fingerprint}).</source>
      <translation>Firmado por {signer} (clave {fingerprint}).</translation>
    </message>
    <message>
      <source>Signed, but not checked: the Python package cryptography is not installed.</source>
      <translation>Firmado, pero sin comprobar: el paquete de Python cryptography no está instalado.</translation>
    </message>
  </context>
  <context>
    <name>panel.Step</name>
    <message>
      <source>Open the module SAM Adapt again</source>
      <translation>Abra de nuevo el módulo SAM Adapt</translation>
    </message>
    <message>
      <source>The panel shows no scene now</source>
      <translation>El panel no muestra ninguna escena ahora</translation>
    </message>
  </context>
  <context>
    <name>panel.Studies</name>
    <message>
      <source>Cell {number} of {count}: {row}. About {left} left.</source>
      <translation>Celda {number} de {count}: {row}. Quedan unos {left}.</translation>
    </message>
    <message>
      <source>Choose a new one, or that of an earlier study</source>
      <translation>Elija una nueva, o la de un estudio anterior</translation>
    </message>
    <message>
      <source>Choose a preset or a file (TOML)</source>
      <translation>Elija un preajuste o un archivo (TOML)</translation>
    </message>
    <message>
      <source>Choose a table (CSV) with the columns image, labels, patient, split</source>
      <translation>Elija una tabla (CSV) con las columnas image, labels, patient, split</translation>
    </message>
    <message>
      <source>No description is chosen</source>
      <translation>No se ha elegido ninguna descripción</translation>
    </message>
    <message>
      <source>No output folder is chosen</source>
      <translation>No se ha elegido ninguna carpeta de salida</translation>
    </message>
    <message>
      <source>No scans are chosen</source>
      <translation>No se han elegido imágenes</translation>
    </message>
    <message>
      <source>No web browser opens the report</source>
      <translation>Ningún navegador web abre el informe</translation>
    </message>
    <message>
      <source>Not finished. The next run goes on where this one was.</source>
      <translation>Sin terminar. La próxima ejecución sigue donde quedó esta.</translation>
    </message>
    <message>
      <source>Open this file in one</source>
      <translation>Abra este archivo en uno</translation>
    </message>
    <message>
      <source>The description is being read.</source>
      <translation>Se está leyendo la descripción.</translation>
    </message>
    <message>
      <source>The scans are being read.</source>
      <translation>Se están leyendo las imágenes.</translation>
    </message>
    <message>
      <source>The scans are being read: {doing}.</source>
      <translation>Se están leyendo las imágenes: {doing}.</translation>
    </message>
    <message>
      <source>The study is done: {count} cells.</source>
      <translation>El estudio ha terminado: {count} celdas.</translation>
    </message>
    <message>
      <source>a description of your own</source>
      <translation>una descripción propia</translation>
    </message>
    <message>
      <source>{failed} of {count} cells failed, the first: {error}. The next run tries them again.</source>
      <translation>{failed} de {count} celdas fallaron, la primera: {error}. La próxima ejecución las intenta de nuevo.</translation>
    </message>
  </context>
  <context>
    <name>panel.TaskButton</name>
    <message>
      <source>Stop</source>
      <translation>Detener</translation>
    </message>
    <message>
      <source>Stopping</source>
      <translation>Deteniendo</translation>
    </message>
  </context>
  <context>
    <name>panel.TrainingPlot</name>
    <message>
      <source>Dice, held out</source>
      <translation>Dice, reservados</translation>
    </message>
    <message>
      <source>Dice, training</source>
      <translation>Dice, entrenamiento</translation>
    </message>
    <message>
      <source>Loss</source>
      <translation>Pérdida</translation>
    </message>
    <message>
      <source>Loss, Dice</source>
      <translation>Pérdida, Dice</translation>
    </message>
    <message>
      <source>Step</source>
      <translation>Paso</translation>
    </message>
    <message>
      <source>{name} validation</source>
      <translation>Validación de {name}</translation>
    </message>
  </context>
  <context>
    <name>panel.TrainingStep</name>
    <message>
      <source>Automatic</source>
      <translation>Automático</translation>
    </message>
    <message>
      <source>Done: the adapter {name} is ready in step 4.</source>
      <translation>Terminado: el adaptador {name} está listo en el paso 4.</translation>
    </message>
    <message>
      <source>Each patient in turn</source>
      <translation>Cada paciente por turno</translation>
    </message>
    <message>
      <source>Estimating the memory ...</source>
      <translation>Estimando la memoria ...</translation>
    </message>
    <message>
      <source>Memory: {text}</source>
      <translation>Memoria: {text}</translation>
    </message>
    <message>
      <source>None</source>
      <translation>Ninguno</translation>
    </message>
    <message>
      <source>Resumed {name}</source>
      <translation>{name} reanudado</translation>
    </message>
    <message>
      <source>Started {name}</source>
      <translation>{name} iniciado</translation>
    </message>
    <message>
      <source>Starting; the model is being loaded.</source>
      <translation>Iniciando; se está cargando el modelo.</translation>
    </message>
    <message>
      <source>Step {step} of {steps}: loss {loss:.3f}, Dice {dice:.3f}</source>
      <translation>Paso {step} de {steps}: pérdida {loss:.3f}, Dice {dice:.3f}</translation>
    </message>
    <message>
      <source>Step {step}: Dice {dice:.3f} on held-out slices</source>
      <translation>Paso {step}: Dice {dice:.3f} en cortes reservados</translation>
    </message>
    <message>
      <source>Stopped before the first checkpoint.</source>
      <translation>Detenido antes del primer punto de control.</translation>
    </message>
    <message>
      <source>Stopped. Resume goes on from here.</source>
      <translation>Detenido. Reanudar sigue desde aquí.</translation>
    </message>
    <message>
      <source>Stopping; a checkpoint is being written.</source>
      <translation>Deteniendo; se está escribiendo un punto de control.</translation>
    </message>
    <message>
      <source>The adapter has no name yet</source>
      <translation>El adaptador aún no tiene nombre</translation>
    </message>
    <message>
      <source>The download was stopped. What has come is kept; Start goes on with it.</source>
      <translation>La descarga se detuvo. Lo que llegó se conserva; Iniciar la continúa.</translation>
    </message>
    <message>
      <source>Training of {name}</source>
      <translation>Entrenamiento de {name}</translation>
    </message>
    <message>
      <source>Type a name for it</source>
      <translation>Escriba un nombre para él</translation>
    </message>
    <message>
      <source>{percent} % of the patients</source>
      <translation>{percent} % de los pacientes</translation>
    </message>
    <message>
      <source>{text}, {left} left</source>
      <translation>{text}, quedan {left}</translation>
    </message>
  </context>
  <context>
    <name>panel.VolumesStep</name>
    <message>
      <source>All that are loaded</source>
      <translation>Todos los cargados</translation>
    </message>
    <message>
      <source>Load it again</source>
      <translation>Cárguelo de nuevo</translation>
    </message>
    <message>
      <source>Stop</source>
      <translation>Detener</translation>
    </message>
    <message>
      <source>The volume is no longer in the scene</source>
      <translation>El volumen ya no está en la escena</translation>
    </message>
    <message>
      <source>There are no words to look for</source>
      <translation>No hay palabras que buscar</translation>
    </message>
    <message>
      <source>Those of the kind of the volume above</source>
      <translation>Los del tipo del volumen de arriba</translation>
    </message>
    <message>
      <source>Type some, such as: liver, left kidney</source>
      <translation>Escriba algunas, por ejemplo: liver, left kidney</translation>
    </message>
    <message>
      <source>all classes of the adapter</source>
      <translation>todas las clases del adaptador</translation>
    </message>
    <message>
      <source>done</source>
      <translation>terminado</translation>
    </message>
    <message>
      <source>failed</source>
      <translation>fallido</translation>
    </message>
    <message>
      <source>running</source>
      <translation>en curso</translation>
    </message>
    <message>
      <source>stopped</source>
      <translation>detenido</translation>
    </message>
    <message>
      <source>waiting</source>
      <translation>en espera</translation>
    </message>
    <message>
      <source>what has prompts</source>
      <translation>lo que tiene indicaciones</translation>
    </message>
    <message>
      <source>what these words name</source>
      <translation>lo que nombran estas palabras</translation>
    </message>
    <message>
      <source>{count} pixels</source>
      <translation>{count} píxeles</translation>
    </message>
  </context>
  <context>
    <name>scene.AcceptedSlices</name>
    <message>
      <source>A transform that bends slices lies between volume and segmentation</source>
      <translation>Entre el volumen y la segmentación hay una transformación que deforma los cortes</translation>
    </message>
    <message>
      <source>Choose a segment of the segmentation</source>
      <translation>Elija un segmento de la segmentación</translation>
    </message>
    <message>
      <source>Harden it first, or put both under the same transform</source>
      <translation>Aplíquela primero (Harden), o ponga ambos bajo la misma transformación</translation>
    </message>
    <message>
      <source>No such segment</source>
      <translation>No existe ese segmento</translation>
    </message>
  </context>
  <context>
    <name>scene.ChannelChoice</name>
    <message>
      <source>Seen with:</source>
      <translation>Visto con:</translation>
    </message>
  </context>
  <context>
    <name>scene.Channels</name>
    <message>
      <source>Choose another one, or none</source>
      <translation>Elija otro, o ninguno</translation>
    </message>
    <message>
      <source>Choose {count} at most</source>
      <translation>Elija {count} como máximo</translation>
    </message>
    <message>
      <source>Give one, or up to {count}</source>
      <translation>Indique uno, o hasta {count}</translation>
    </message>
    <message>
      <source>No volume is chosen</source>
      <translation>No se eligió volumen</translation>
    </message>
    <message>
      <source>This volume would be seen twice</source>
      <translation>Este volumen se vería dos veces</translation>
    </message>
    <message>
      <source>{count} volumes together</source>
      <translation>{count} volúmenes juntos</translation>
    </message>
  </context>
  <context>
    <name>scene.FindPlane</name>
    <message>
      <source>Move the slice into the volume</source>
      <translation>Mueva el corte dentro del volumen</translation>
    </message>
    <message>
      <source>The slice view shows nothing of the volume</source>
      <translation>La vista de corte no muestra nada del volumen</translation>
    </message>
  </context>
  <context>
    <name>scene.ObliquePlane</name>
    <message>
      <source>Move the slice into the volume</source>
      <translation>Mueva el corte dentro del volumen</translation>
    </message>
    <message>
      <source>The slice view shows nothing of the volume</source>
      <translation>La vista de corte no muestra nada del volumen</translation>
    </message>
  </context>
  <context>
    <name>scene.Plane</name>
    <message>
      <source>Choose one of 0 to {last}</source>
      <translation>Elija de 0 a {last}</translation>
    </message>
    <message>
      <source>There is no {axis} slice {index}</source>
      <translation>No hay ningún corte {index} ({axis})</translation>
    </message>
  </context>
  <context>
    <name>scene.SceneSegments</name>
    <message>
      <source>Add a segment</source>
      <translation>Añada un segmento</translation>
    </message>
    <message>
      <source>Add a segment and paint in it</source>
      <translation>Añada un segmento y pinte en él</translation>
    </message>
    <message>
      <source>Choose one of those present: {names}</source>
      <translation>Elija uno de los presentes: {names}</translation>
    </message>
    <message>
      <source>No segmentation is selected</source>
      <translation>No se ha seleccionado ninguna segmentación</translation>
    </message>
    <message>
      <source>No such segment</source>
      <translation>No existe ese segmento</translation>
    </message>
    <message>
      <source>Select or create a segmentation of the volume</source>
      <translation>Seleccione o cree una segmentación del volumen</translation>
    </message>
    <message>
      <source>The segmentation has no segment</source>
      <translation>La segmentación no tiene ningún segmento</translation>
    </message>
  </context>
  <context>
    <name>scene.SceneVolume</name>
    <message>
      <source>A picture in colour fills the channels by itself</source>
      <translation>Una imagen en color llena por sí sola los canales</translation>
    </message>
    <message>
      <source>A transform bends {further} beside {first}</source>
      <translation>Una transformación deforma {further} junto a {first}</translation>
    </message>
    <message>
      <source>Adjust window and level of the volume</source>
      <translation>Ajuste la ventana y el nivel del volumen</translation>
    </message>
    <message>
      <source>Allow it to be resampled, or choose another volume</source>
      <translation>Permita remuestrearlo, o elija otro volumen</translation>
    </message>
    <message>
      <source>Choose a greyscale 3D volume; extract one component or time point where needed</source>
      <translation>Elija un volumen 3D en escala de grises; extraiga un componente o un instante si hace falta</translation>
    </message>
    <message>
      <source>Choose a greyscale volume</source>
      <translation>Elija un volumen en escala de grises</translation>
    </message>
    <message>
      <source>Choose no other beside it</source>
      <translation>No elija ningún otro junto a él</translation>
    </message>
    <message>
      <source>Harden the transform, or put both volumes below it</source>
      <translation>Aplique la transformación (Harden), o ponga ambos volúmenes bajo ella</translation>
    </message>
    <message>
      <source>Load an image and choose it as the source volume</source>
      <translation>Cargue una imagen y elíjala como volumen fuente</translation>
    </message>
    <message>
      <source>Load it again or choose another one</source>
      <translation>Cárguelo de nuevo o elija otro</translation>
    </message>
    <message>
      <source>Load it without transparency</source>
      <translation>Cárguela sin transparencia</translation>
    </message>
    <message>
      <source>No volume is chosen</source>
      <translation>No se eligió volumen</translation>
    </message>
    <message>
      <source>Parts of the picture are transparent</source>
      <translation>Partes de la imagen son transparentes</translation>
    </message>
    <message>
      <source>Rename one of them</source>
      <translation>Cambie el nombre de uno</translation>
    </message>
    <message>
      <source>Show it, or give the intensity range</source>
      <translation>Muéstrelo, o indique el intervalo de intensidad</translation>
    </message>
    <message>
      <source>The volume has {count} values in each voxel (vectors or a series)</source>
      <translation>El volumen tiene {count} valores en cada vóxel (vectores o una serie)</translation>
    </message>
    <message>
      <source>The volume holds no image</source>
      <translation>El volumen no contiene ninguna imagen</translation>
    </message>
    <message>
      <source>The volume is not displayed in grey levels</source>
      <translation>El volumen no se muestra en niveles de gris</translation>
    </message>
    <message>
      <source>This is not a volume</source>
      <translation>Esto no es un volumen</translation>
    </message>
    <message>
      <source>Two segments are named {name}</source>
      <translation>Dos segmentos se llaman {name}</translation>
    </message>
    <message>
      <source>{further} lies on another grid than {first}</source>
      <translation>{further} está en otra rejilla que {first}</translation>
    </message>
  </context>
  <context>
    <name>scene.SegmentGrid</name>
    <message>
      <source>Choose one of its segments</source>
      <translation>Elija uno de sus segmentos</translation>
    </message>
    <message>
      <source>No such segment</source>
      <translation>No existe ese segmento</translation>
    </message>
  </context>
  <context>
    <name>scene.SegmentPrompts</name>
    <message>
      <source>A point or box lies beside the image</source>
      <translation>Un punto o una caja está fuera de la imagen</translation>
    </message>
    <message>
      <source>Choose a segment of the segmentation</source>
      <translation>Elija un segmento de la segmentación</translation>
    </message>
    <message>
      <source>No such segment</source>
      <translation>No existe ese segmento</translation>
    </message>
    <message>
      <source>Point at the part that the image shows</source>
      <translation>Señale la parte que muestra la imagen</translation>
    </message>
  </context>
  <context>
    <name>scene.SegmentWriter</name>
    <message>
      <source>Choose a segment of the segmentation</source>
      <translation>Elija un segmento de la segmentación</translation>
    </message>
    <message>
      <source>Convert it to a binary labelmap</source>
      <translation>Conviértalo en un mapa de etiquetas binario</translation>
    </message>
    <message>
      <source>No such segment</source>
      <translation>No existe ese segmento</translation>
    </message>
    <message>
      <source>The segment cannot be edited</source>
      <translation>El segmento no se puede editar</translation>
    </message>
  </context>
  <context>
    <name>scene.Sequences</name>
    <message>
      <source>Load images over time as a sequence, and choose its volume</source>
      <translation>Cargue imágenes en el tiempo como secuencia, y elija su volumen</translation>
    </message>
    <message>
      <source>Stop it at the frame with the prompts</source>
      <translation>Deténgala en el fotograma con las indicaciones</translation>
    </message>
    <message>
      <source>The sequence shows no frame, or is playing</source>
      <translation>La secuencia no muestra ningún fotograma, o se está reproduciendo</translation>
    </message>
    <message>
      <source>The volume is not one of a sequence</source>
      <translation>El volumen no es de ninguna secuencia</translation>
    </message>
  </context>
  <context>
    <name>view.CorrectionControls</name>
    <message>
      <source>No segment is selected. Add or select a segment first.</source>
      <translation>Ningún segmento seleccionado. Añada o seleccione uno primero.</translation>
    </message>
    <message>
      <source>Slice {index} is accepted: nothing of SAM Adapt changes it.</source>
      <translation>El corte {index} está aceptado: SAM Adapt ya no lo cambia.</translation>
    </message>
    <message>
      <source>Slice {index} is released.</source>
      <translation>El corte {index} está liberado.</translation>
    </message>
    <message>
      <source>Slices can be accepted once the correction has ended. Stop ends it.</source>
      <translation>Los cortes pueden aceptarse cuando la corrección haya terminado. Detener la termina.</translation>
    </message>
  </context>
  <context>
    <name>view.EffectOptions</name>
    <message>
      <source>As displayed</source>
      <translation>Como se muestra</translation>
    </message>
    <message>
      <source>Automatic</source>
      <translation>Automático</translation>
    </message>
    <message>
      <source>CT bone (400/1800)</source>
      <translation>TC hueso (400/1800)</translation>
    </message>
    <message>
      <source>CT lung (-600/1500)</source>
      <translation>TC pulmón (-600/1500)</translation>
    </message>
    <message>
      <source>CT soft tissue (40/400)</source>
      <translation>TC partes blandas (40/400)</translation>
    </message>
    <message>
      <source>Details: {details}</source>
      <translation>Detalles: {details}</translation>
    </message>
    <message>
      <source>Largest</source>
      <translation>La mayor</translation>
    </message>
    <message>
      <source>Middle</source>
      <translation>Mediana</translation>
    </message>
    <message>
      <source>None</source>
      <translation>Ninguno</translation>
    </message>
    <message>
      <source>Only with a model that remembers other slices (SAM 2).</source>
      <translation>Solo con un modelo que recuerda otros cortes (SAM 2).</translation>
    </message>
    <message>
      <source>Only with an adapter that finds objects by itself (method sammix, or lora with head=classes).</source>
      <translation>Solo con un adaptador que encuentra objetos por sí mismo (método sammix, o lora con head=classes).</translation>
    </message>
    <message>
      <source>Only with an adapter that was trained with texts (method msa with a text model).</source>
      <translation>Solo con un adaptador entrenado con textos (método msa con un modelo de texto).</translation>
    </message>
    <message>
      <source>Percentiles (0.5/99.5)</source>
      <translation>Percentiles (0.5/99.5)</translation>
    </message>
    <message>
      <source>Smallest</source>
      <translation>La menor</translation>
    </message>
    <message>
      <source>The model is not loaded yet.</source>
      <translation>El modelo aún no está cargado.</translation>
    </message>
  </context>
  <context>
    <name>view.FrameChoice</name>
    <message>
      <source>Carries the segment from this frame along time to all others, earlier and later, slice by slice, and there on to slices beside. Frames with prompts or corrections stay as they are, and lead on from themselves. Each frame is written when it is found; undo does not reach back to it.</source>
      <translation>Lleva el segmento de este fotograma a todos los demás, anteriores y posteriores, corte a corte, y allí a los cortes vecinos. Los fotogramas con indicaciones o correcciones quedan como están, y de ellos se sigue. Cada fotograma se escribe cuando se encuentra; deshacer no llega hasta él.</translation>
    </message>
    <message>
      <source>Each frame has a segmentation of its own now. What is drawn stays with the frame that is shown.</source>
      <translation>Cada fotograma tiene ahora su propia segmentación. Lo dibujado se queda con el fotograma mostrado.</translation>
    </message>
    <message>
      <source>One segmentation per frame</source>
      <translation>Una segmentación por fotograma</translation>
    </message>
    <message>
      <source>Shows the next frame and prompts it with the segment's box on this slice, widened as along time; accept the answer, or mend it, and go on.</source>
      <translation>Muestra el fotograma siguiente y le da como indicación la caja del segmento en este corte, ampliada como a lo largo del tiempo; acepte o corrija la respuesta, y siga.</translation>
    </message>
    <message>
      <source>The volume is a frame of a sequence, and the segmentation is the same for all of them. Afterwards each frame has its own, with its prompts: what there is now stays with this frame, and the others begin with empty segments.</source>
      <translation>El volumen es un fotograma de una secuencia, y la segmentación es la misma para todos. Después cada fotograma tiene la suya, con sus indicaciones: lo que hay ahora se queda con este fotograma, y los demás empiezan con segmentos vacíos.</translation>
    </message>
    <message>
      <source>To all frames</source>
      <translation>A todos los fotogramas</translation>
    </message>
    <message>
      <source>To the next frame</source>
      <translation>Al fotograma siguiente</translation>
    </message>
  </context>
  <context>
    <name>view.Shortcuts</name>
    <message>
      <source>1 to 3</source>
      <translation>1 a 3</translation>
    </message>
    <message>
      <source>Backspace</source>
      <translation>Retroceso</translation>
    </message>
    <message>
      <source>Ctrl + drag</source>
      <translation>Ctrl + arrastrar</translation>
    </message>
    <message>
      <source>Ctrl + left-click</source>
      <translation>Ctrl + clic izquierdo</translation>
    </message>
    <message>
      <source>Enter</source>
      <translation>Intro</translation>
    </message>
    <message>
      <source>Escape</source>
      <translation>Escape</translation>
    </message>
    <message>
      <source>Left-button drag</source>
      <translation>Arrastrar con el izquierdo</translation>
    </message>
    <message>
      <source>Left-click</source>
      <translation>Clic izquierdo</translation>
    </message>
    <message>
      <source>Left-click where it was carried to</source>
      <translation>Clic izquierdo adonde se propagó</translation>
    </message>
    <message>
      <source>a box around the object; with Scribble a line over it, with Lasso a line around it that closes itself</source>
      <translation>una caja alrededor del objeto; con Trazo una línea encima, con Lazo una línea alrededor que se cierra</translation>
    </message>
    <message>
      <source>a point on the object</source>
      <translation>un punto en el objeto</translation>
    </message>
    <message>
      <source>a point that does not belong to it; so does the button Background</source>
      <translation>un punto que no pertenece a él; igual con el botón Fondo</translation>
    </message>
    <message>
      <source>accept the preview</source>
      <translation>acepta la vista previa</translation>
    </message>
    <message>
      <source>accept the preview and add the slice to the exemplars, also in the place of its earlier labels</source>
      <translation>acepta la vista previa y añade el corte a los ejemplos, también en lugar de sus etiquetas anteriores</translation>
    </message>
    <message>
      <source>accept this slice as it is, so that no correction changes it; once more: release it</source>
      <translation>acepta este corte tal como está, ninguna corrección lo cambia; otra vez: lo libera</translation>
    </message>
    <message>
      <source>as long as it is held: show what a click at the mouse would give; nothing of it is kept</source>
      <translation>mientras se mantiene: muestra lo que daría un clic con el ratón; nada se conserva</translation>
    </message>
    <message>
      <source>drags are scribbles, lassos; once more: boxes again</source>
      <translation>arrastrar dibuja trazos, lazos; otra vez: de nuevo cajas</translation>
    </message>
    <message>
      <source>drop the preview</source>
      <translation>descarta la vista previa</translation>
    </message>
    <message>
      <source>mends the segment there, and on the slices beside as far as that changes them</source>
      <translation>corrige el segmento ahí, y en los cortes vecinos mientras eso los cambie</translation>
    </message>
    <message>
      <source>of the masks that one click may mean, the smallest to the largest; 0: the one trusted most</source>
      <translation>de las máscaras que un clic puede significar, de la menor a la mayor; 0: la más fiable</translation>
    </message>
    <message>
      <source>show this list</source>
      <translation>muestra esta lista</translation>
    </message>
    <message>
      <source>take the last point, box or line back</source>
      <translation>retira el último punto, caja o trazo</translation>
    </message>
    <message>
      <source>the previous, the next slice of this view that has prompts, or of which the model was not sure</source>
      <translation>el corte anterior, el siguiente de esta vista con indicaciones o del que el modelo no estaba seguro</translation>
    </message>
    <message>
      <source>with Scribble: a line over what does not belong to the object</source>
      <translation>con Trazo: una línea sobre lo que no es el objeto</translation>
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
      <translation>Haga clic para mostrar este corte. La barra es el solapamiento (IoU) que espera el modelo.</translation>
    </message>
    <message>
      <source>Coronal</source>
      <translation>Coronal</translation>
    </message>
    <message>
      <source>No further slice with prompts or doubt this way.</source>
      <translation>No hay más cortes con indicaciones o dudas en este sentido.</translation>
    </message>
    <message>
      <source>Sagittal</source>
      <translation>Sagital</translation>
    </message>
    <message>
      <source>This view is oblique to the volume's own slices.</source>
      <translation>Esta vista es oblicua a los cortes del volumen.</translation>
    </message>
    <message>
      <source>accepted</source>
      <translation>aceptado</translation>
    </message>
    <message>
      <source>nothing kept</source>
      <translation>nada conservado</translation>
    </message>
    <message>
      <source>prompts</source>
      <translation>indicaciones</translation>
    </message>
  </context>
  <context>
    <name>worker.InferenceSession</name>
    <message>
      <source>Choose a volume first</source>
      <translation>Elija primero un volumen</translation>
    </message>
    <message>
      <source>Exit code {code}</source>
      <translation>Código de salida {code}</translation>
    </message>
    <message>
      <source>No volume is chosen</source>
      <translation>No se eligió volumen</translation>
    </message>
  </context>
  <context>
    <name>worker.TrainingSession</name>
    <message>
      <source>checking on the held-out patients</source>
      <translation>comprobando en los pacientes reservados</translation>
    </message>
    <message>
      <source>final check, and writing the result</source>
      <translation>comprobación final y escritura del resultado</translation>
    </message>
    <message>
      <source>loading the base model</source>
      <translation>cargando el modelo base</translation>
    </message>
    <message>
      <source>reading the exemplars</source>
      <translation>leyendo los ejemplos</translation>
    </message>
    <message>
      <source>reading the images</source>
      <translation>leyendo las imágenes</translation>
    </message>
    <message>
      <source>short trainings without one patient each, to compare on that one</source>
      <translation>entrenamientos cortos sin un paciente cada vez, para comparar en ese</translation>
    </message>
    <message>
      <source>trying the first steps</source>
      <translation>probando los primeros pasos</translation>
    </message>
  </context>
</TS>
